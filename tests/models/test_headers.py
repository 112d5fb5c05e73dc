"""Headers tell what mlx wrote, and garbage is refused in a sentence."""

import json
import struct
from pathlib import Path

import mlx.core as mx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models.facts import ModelError, Tensor
from app.models.headers import read_header, tensor_bytes

TENSOR = {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}


def write(path: Path, header: object, size: int = 24, length: int | None = None) -> Path:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text) if length is None else length) + text + bytes(size))
    return path


def test_tensors_are_those_that_mlx_saved(tmp_path):
    dtypes = [mx.float32, mx.float16, mx.bfloat16, mx.uint32, mx.int64, mx.uint8, mx.int8, mx.bool_, mx.complex64]
    arrays = {f"a.{index}": mx.zeros((index, 3), dtype) for index, dtype in enumerate(dtypes)}
    arrays["scalar"] = mx.array(1.0)
    path = tmp_path / "model.safetensors"
    mx.save_safetensors(str(path), arrays, {"format": "mlx"})
    tensors = read_header(path)
    assert {name: tensor.shape for name, tensor in tensors.items()} == {n: a.shape for n, a in arrays.items()}
    assert {name: tensor_bytes(tensor) for name, tensor in tensors.items()} == {n: a.nbytes for n, a in arrays.items()}


def test_a_header_is_padded_and_has_metadata(tmp_path):
    header = json.dumps({"__metadata__": {"format": "pt"}, "w": TENSOR}).encode() + b"   "
    assert read_header(write(tmp_path / "m", header)) == {"w": Tensor("F32", (2, 3))}


@pytest.mark.parametrize(
    ("header", "what"),
    [
        (b"{", "garbled"),
        (b"[]", "garbled"),
        (b"\xff\xff", "garbled"),
        (b"[" * 100_000, "garbled"),
        ({"w": 1}, "garbled"),
        ({"w": {}}, "garbled"),
        ({"w": TENSOR | {"dtype": "F99"}}, "garbled"),
        ({"w": TENSOR | {"dtype": []}}, "garbled"),
        ({"w": TENSOR | {"shape": None}}, "garbled"),
        ({"w": TENSOR | {"shape": [2, -3]}}, "garbled"),
        ({"w": TENSOR | {"shape": [2, "3"]}}, "garbled"),
        ({"w": TENSOR | {"shape": [2, 4]}}, "garbled"),
        ({"w": TENSOR | {"data_offsets": [0]}}, "garbled"),
        ({"w": TENSOR | {"data_offsets": [True, 25]}}, "garbled"),
        ({"w": TENSOR, "v": TENSOR}, "promises"),
        ({}, "promises"),
    ],
)
def test_nonsense_is_refused(tmp_path, header, what):
    path = write(tmp_path / "model.safetensors", header)
    with pytest.raises(ModelError, match=what) as error:
        read_header(path)
    assert str(path) in str(error.value)


@pytest.mark.parametrize("length", [2**63, 2**40, 10_000])
def test_a_length_that_the_file_has_not_is_not_read(tmp_path, length):
    with pytest.raises(ModelError, match="torn"):
        read_header(write(tmp_path / "m", {"w": TENSOR}, length=length))


@pytest.mark.parametrize("kept", [0, 7, 8, 40, 75, -1])
def test_a_torn_file_is_refused(tmp_path, kept):
    path = write(tmp_path / "m", {"w": TENSOR})
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ModelError, match="torn"):
        read_header(path)


@given(st.binary(max_size=200), st.integers(0, 199))
def test_no_bytes_give_a_traceback(tmp_path_factory, noise, at):
    path = write(tmp_path_factory.getbasetemp() / "noise", {"w": TENSOR})
    sound = path.read_bytes()
    path.write_bytes(sound[:at] + noise + sound[at + len(noise) :])
    try:
        read_header(path)
    except ModelError as error:
        assert "\n" not in str(error)
