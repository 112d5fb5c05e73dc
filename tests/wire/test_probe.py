"""The probe's messages: there and back, and nothing else taken for one."""

import pytest

from app.wire.probe import (
    Measured,
    OutOfMemory,
    ProbeRequest,
    Problem,
    Progress,
    Reached,
    decode,
    decode_request,
    encode,
    encode_request,
    refused_bytes,
    tells_of_memory,
)

MESSAGES = [
    Progress("load", "a model\n\ud800", 1, 2),
    Reached(2**40),
    Measured(3, 2, 4, 0.5, 4, 129, 3, "cpu", "0.32.4", "0.32.2"),
    OutOfMemory(5, "refused"),
    Problem("Ünlucky."),
]


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_comes_back_from_one_line(message):
    line = encode(message)
    assert line.count(b"\n") == 1
    assert decode(line) == message


@pytest.mark.parametrize(
    "line",
    [b"", b"a warning", b"[]", b'{"message": "reached"}', b'{"message": "reached", "bytes": "9"}', b'{"message": 1}',
     b'{"message": "reached", "bytes": true}', b'{"message": "problem", "sentence": "a", "more": 1}', b"[" * 100_000],
)  # fmt: skip
def test_any_other_line_is_none(line):
    assert decode(line) is None


def test_a_request_comes_back():
    request = ProbeRequest({"model": "caf\ud800é", "lora_parameters": {"rank": 8}}, 129, "/tmp/x")
    assert decode_request(encode_request(request)) == request


@pytest.mark.parametrize(
    ("words", "size"),
    [
        ("[malloc] Unable to allocate 1024 bytes.", 1024),
        ("[metal::malloc] Attempting to allocate 77 bytes which is greater than the maximum allowed buffer size", 77),
        ("cudaMallocAsync(&data, size, stream) failed: out of memory", 0),
        ("Command buffer execution failed: Insufficient Memory (kIOGPUCommandBufferCallbackErrorOutOfMemory).", 0),
        ("std::bad_alloc", 0),
    ],
)
def test_what_mlx_says_when_memory_runs_out_is_known(words, size):
    assert tells_of_memory(words)
    assert refused_bytes(words) == size


def test_another_error_is_not_one_of_memory():
    assert not tells_of_memory("[broadcast_shapes] Shapes (1,2) and (3) cannot be broadcast.")
