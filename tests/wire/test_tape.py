"""Tapes and requests come back as they were sent."""

import pytest

from app.wire.tape import (
    Checkpoint,
    Primitive,
    Tape,
    TraceRequest,
    decode,
    decode_answer,
    decode_request,
    encode,
    encode_answer,
    encode_problem,
    encode_request,
)

TAPE = Tape(
    phase="update",
    shapes=((2, 33), (), (4, 4), (4, 4)),
    itemsizes=(4, 2, 2, 2),
    primitives=(Primitive("Transpose", (1, 0), (2,), (3,)), Primitive("Split", (), (0,), (4, 5))),
    inputs={0: "batch", 2: "adapter"},
    constants=(1,),
    evaluated=(3, 2),
    released=(2,),
    gradients=(3,),
    checkpoints=(Checkpoint((2,), (3,)), Checkpoint((), ())),
    markers=(1,),
)


def test_a_tape_comes_back():
    assert decode(encode(TAPE)) == TAPE
    assert "\n" not in encode(TAPE)


def test_a_request_comes_back():
    request = TraceRequest("a\nfolder", {"model_type": "llama"}, {"num_layers": 2}, 4, 33, trusts_remote_code=True)
    assert decode_request(encode_request(request)) == request
    assert "\n" not in encode_request(request)


def test_an_answer_holds_tapes_or_a_problem():
    assert decode_answer(encode_answer([TAPE, TAPE])) == (TAPE, TAPE)
    assert decode_answer(encode_answer([])) == ()
    assert decode_answer(encode_problem("no such\nmodel")) == "no such\nmodel"
    assert "\n" not in encode_problem("no such\nmodel")


@pytest.mark.parametrize("line", ["", "[]", "{}", '{"tapes": [{}]}', '{"tapes": 1}', "null"])
def test_another_line_is_no_answer(line):
    with pytest.raises((ValueError, KeyError, TypeError)):
        decode_answer(line)
