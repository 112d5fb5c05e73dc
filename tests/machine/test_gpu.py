"""The GPU's ceiling as mlx's own answers give it, from reports and mlx's source; neither was asked here."""

import pytest

from app.machine.gpu import CeilingSource, GpuCeiling, ceiling_of
from app.machine.state import look

MAC_16GB = {
    "backend": "metal",
    "device_name": "Apple M2",
    "architecture": "applegpu_g14g",
    "max_recommended_working_set_size": 11_840_000_000,
    "memory_size": 17_179_869_184,
}
CARD_24GB = {"backend": "cuda", "total_memory": 25_300_000_000, "free_memory": 24_000_000_000}


@pytest.mark.parametrize(
    ("device", "expected"),
    [
        (MAC_16GB, GpuCeiling(11_840_000_000, CeilingSource.METAL)),
        (CARD_24GB, GpuCeiling(25_300_000_000, CeilingSource.CUDA)),
        ({"backend": "cpu", "device_name": "Xeon", "total_memory": 10**10}, None),
        ({"backend": "cuda"}, None),
        ({"backend": "metal", "max_recommended_working_set_size": 0, "memory_size": 10**10}, None),
        ({"backend": "metal", "max_recommended_working_set_size": "much"}, None),
        ({}, None),
    ],
)
def test_a_ceiling_is_metals_working_set_or_the_cards_memory(device, expected):
    assert ceiling_of(device) == expected


def test_a_look_brings_all_together():
    ceiling = ceiling_of(MAC_16GB)
    state = look(ceiling, count=2)
    assert state.ceiling is ceiling
    assert state.memory.total > 2**28
    assert len(state.processes) <= 2
