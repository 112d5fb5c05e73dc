"""Broken and odd files: each planted fault is found with its code, level and line, plain mlx-lm fails on it as the
rule says, and once its fix is applied the rule is silent and mlx-lm trains.

The first lines of a file say what is planted and what is around it: `finds: LEVEL CODE LINE` (`-` where the key is not
in the file), `mlx-lm: PATTERN` of the error that it ends with, `memory: GB`, `workers: N`, `without: PACKAGE`,
`backends: NAMES` of MLX (`-` for none) and `free: BYTES` of disk.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.checks import surroundings
from app.checks.file_findings import findings_of, of_unreadable
from app.checks.finding import Finding
from app.checks.ready import context_at
from app.checks.rules import ALWAYS, DATASET, HUB_DATA, TOKENS, TRAINING
from app.config.config import edit
from app.config.dialect import Resolution, resolve
from app.config.document import ConfigError, parse
from app.config.saving import render
from app.machine import backend
from tests.checks.configurations import GB
from tests.checks.stock_training import stock
from tests.checks.world import here, tiny, world  # noqa: F401

CORPUS = Path(__file__).parent / "corpus"
_MARK = re.compile(r"# ([a-z-]+): (.+)")


@dataclass(frozen=True)
class Planted:
    text: str
    level: str
    code: str
    line: int | None
    marks: dict[str, str]

    @property
    def total_memory(self) -> int | None:
        return int(self.marks["memory"]) * GB if "memory" in self.marks else None


def planted(name: str) -> Planted:
    text = (CORPUS / f"{name}.yaml").read_text()
    marks = dict(found.groups() for line in text.splitlines() if (found := _MARK.fullmatch(line)))
    level, code, line = marks["finds"].split()
    return Planted(text, level, code, None if line == "-" else int(line), marks)


NAMES = sorted(path.stem for path in CORPUS.glob("*.yaml"))


@pytest.fixture(params=NAMES)
def fault(request, monkeypatch) -> Planted:
    fault = planted(request.param)
    if missing := fault.marks.get("without"):
        is_installed = surroundings._is_installed
        monkeypatch.setattr(surroundings, "_is_installed", lambda name: name != missing and is_installed(name))
        monkeypatch.setitem(sys.modules, missing, None)
    if names := fault.marks.get("backends"):
        monkeypatch.setattr(backend, "installed_backends", lambda: tuple(names.strip("-").split()))
        monkeypatch.setattr(surroundings, "installed_backends", backend.installed_backends)
        monkeypatch.setattr(backend.platform, "system", lambda: "Linux")
    if free := fault.marks.get("free"):
        monkeypatch.setattr(surroundings, "_free_bytes", lambda _: int(free))
    return fault


def told(fault: Planted, resolution: Resolution, start: Path) -> tuple[Finding, ...]:
    workers = int(fault.marks.get("workers", 1))
    return findings_of(resolution, context_at(resolution.config, start, fault.total_memory, workers))


def opened(fault: Planted, text: str, start: Path) -> tuple[Resolution | None, tuple[Finding, ...]]:
    try:
        resolution = resolve(parse(text, start / "train.yaml"))
    except ConfigError as error:
        return None, (of_unreadable(error),)
    return resolution, told(fault, resolution, start)


@pytest.mark.parametrize("asks_mlx_lm", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["", "mlx-lm"])
def test_a_planted_fault_is_found_is_one_and_is_mended(fault, here, asks_mlx_lm):  # noqa: F811
    file = here / "train.yaml"
    file.write_text(fault.text)
    resolution, found = opened(fault, fault.text, here)
    (finding,) = [finding for finding in found if finding.code == fault.code]
    assert (finding.level, finding.line) == (fault.level, fault.line)
    assert finding.file == str(file)
    if asks_mlx_lm and (pattern := fault.marks.get("mlx-lm")):
        assert re.search(pattern, (broken := stock(file)).error), broken.error
    if finding.fix is None or resolution is None:
        return
    config = resolution.config
    for key, value in finding.fix.edits:
        config = edit(config, key, value)
    mended = render(resolution.document, config)
    after = opened(fault, mended, here)[1]
    assert fault.code not in {other.code for other in after}
    if not asks_mlx_lm:
        return
    file.write_text(mended)
    ended = stock(file, "--iters", "1")
    assert ended.is_sound, ended.error


def test_every_rule_has_its_fault_in_the_corpus():
    """Codes as they stand in the source. No file can set clear_cache_threshold: that is told on opening it."""
    elsewhere = {*DATASET, *HUB_DATA, *TOKENS}  # whose faults are in the data, not in the file
    sources = {sys.modules[rule.__module__].__file__ for rule in ALWAYS + TRAINING if rule not in elsewhere}
    text = "".join(Path(str(source)).read_text() for source in sources)
    codes = set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', text))
    assert codes - {planted(name).code for name in NAMES} == {"cache-threshold-unused"}
