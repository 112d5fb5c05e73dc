"""The cases: some chosen so that everything occurs, and half as many drawn at random."""

import random
from typing import Any

from bench.memory.case import ARCHITECTURES, Case

SEED, DRAWN = 20_260_711, 18

CHECKPOINT = {"grad_checkpoint": True}
DORA = {"fine_tune_type": "dora"}
FULL = {"fine_tune_type": "full"}
TWO = ["self_attn.q_proj", "self_attn.v_proj"]


def _lora(rank: int = 8, dropout: float = 0.0, **keys: Any) -> dict[str, Any]:
    return {"lora_parameters": {"rank": rank, "scale": 20.0, "dropout": dropout, **keys}}


def _accumulated(steps: int) -> dict[str, Any]:
    return {"grad_accumulation_steps": steps}


CHOSEN = (
    Case("llama"),
    Case("llama", hidden=128, layers=2, tokens=64),
    Case("llama", hidden=512, layers=2, vocabulary=32_768, tokens=250, training=_lora(16)),
    Case("llama", bits=4, training=_lora()),
    Case("llama", bits=4, batch=2, tokens=500, training=CHECKPOINT),
    Case("llama", hidden=128, dtype="bfloat16"),
    Case("llama", hidden=512, tied=False, batch=4, tokens=250, training=CHECKPOINT),
    Case("llama", batch=2, training=DORA),
    Case("llama", vocabulary=65_536, tokens=200, max_seq_length=128, training=_lora(keys=TWO)),
    Case("llama", training=FULL),
    Case("llama", layers=6, batch=2, training=FULL | {"optimizer": "sgd"} | CHECKPOINT),
    Case("qwen2", batch=2),
    Case("qwen2", tokens=500, training=CHECKPOINT),
    Case("qwen2", bits=8, vocabulary=16_384, tokens=200, training=_lora(16, dropout=0.1)),
    Case("qwen2", training=FULL | {"optimizer": "adafactor"}),
    Case("qwen3", batch=2, tokens=250),
    Case("qwen3", layers=6, tokens=1000, max_seq_length=1024, training={"num_layers": 3} | CHECKPOINT),
    Case("qwen3", batch=2, tokens=250, training=FULL | {"num_layers": 2} | CHECKPOINT),
    Case("qwen3", hidden=128, vocabulary=16_384, batch=2, training=_accumulated(2) | CHECKPOINT),
    Case("qwen3", training=FULL | {"optimizer": "muon"}),
    Case("smollm3", vocabulary=32_768, batch=2, training=_lora(keys=TWO)),
    Case("smollm3", layers=8, batch=2, tokens=250, training=CHECKPOINT),
    Case("smollm3", hidden=128, batch=4, training=_accumulated(2)),
    Case("smollm3", dtype="bfloat16", bits=4, hidden=128, batch=2, training=CHECKPOINT),
    Case("smollm3", training=FULL | _accumulated(2)),
    Case("gemma2", batch=2),
    Case("gemma2", vocabulary=16_384, tokens=250, training={"num_layers": 2} | CHECKPOINT),
    Case("gemma2", training=FULL | {"optimizer": "adafactor"} | _accumulated(3)),
    Case("gemma3_text", batch=2, layers=6),
    Case("gemma3_text", bits=4, tokens=400, layers=6, training=CHECKPOINT),
    Case("phi3", tied=False, batch=2, tokens=250),
    Case("phi3", bits=8, tied=False, training=DORA | CHECKPOINT),
    Case("olmo2", batch=3, tokens=100, training=_lora(32)),
    Case("olmo2", training=DORA | CHECKPOINT | {"num_layers": 2}),
    Case("mixtral", tied=False),
    Case("mixtral", tied=False, batch=2, training=CHECKPOINT),
    Case("mixtral", tied=False, bits=4, tokens=60, training=_lora(keys=TWO)),
    Case("mixtral", tied=False, layers=2, training=FULL),
)


def cases() -> tuple[Case, ...]:
    """All of the grid."""
    drawing = random.Random(SEED)
    return (*CHOSEN, *(_drawn(drawing) for _ in range(DRAWN)))


def _drawn(drawing: random.Random) -> Case:
    architecture = drawing.choice(ARCHITECTURES)
    is_moe = architecture == "mixtral"
    # on CPUs GatherMM has no other type, and a matrix product of bfloat16 is so slow that it has to be small
    dtype = "float32" if is_moe else drawing.choice(("float32", "float32", "bfloat16"))
    is_slow = dtype == "bfloat16"
    kind = drawing.choice(("lora", "lora", "lora", "full") if is_moe else ("lora", "lora", "lora", "dora", "full"))
    layers = drawing.randint(2, 6)
    training: dict[str, Any] = {"fine_tune_type": kind}
    if kind == "full":
        training["optimizer"] = drawing.choice(("adamw", "adafactor", "sgd", "muon"))
    else:
        keys = {"keys": TWO} if architecture != "phi3" and drawing.random() < 0.3 else {}
        training |= _lora(drawing.choice((4, 8, 16, 32)), drawing.choice((0.0, 0.0, 0.05)), **keys)
    if drawing.random() < 0.4:
        training |= CHECKPOINT
    if drawing.random() < 0.3:
        training |= _accumulated(drawing.randint(2, 4))
    if drawing.random() < 0.5:
        training["num_layers"] = drawing.randint(1, layers)
    return Case(
        architecture,
        hidden=drawing.choice((128, 192) if is_slow else (128, 192, 256, 320, 448)),
        layers=layers,
        vocabulary=drawing.choice((4_000, 8_192) if is_slow else (4_000, 8_192, 16_000, 32_000, 65_536)),
        kv_heads=drawing.choice((1, 2, 4, 8)),
        tied=not is_moe and architecture != "phi3" and drawing.random() < 0.7,
        dtype=dtype,
        bits=None if kind == "full" else drawing.choice((None, None, 4, 8)),
        batch=drawing.randint(1, 2 if is_slow else 4),
        tokens=drawing.randint(40, 200 if is_slow else 500),
        max_seq_length=drawing.choice((256, 512, 2048)),
        training=training,
        held_out=True,
    )
