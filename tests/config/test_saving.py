"""Writing to disk: whole or not at all, and never over what somebody else wrote meanwhile."""

import errno
import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.config.document import fingerprint, parse, read
from app.config.saving import ChangedOnDisk, SaveError, difference, save

OLD, NEW = "iters: 5 # é\r\n", "\ufeffiters: 6 # é\r\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "train.yaml"
    path.write_bytes(OLD.encode())
    return path


def _is_untouched(path: Path) -> bool:
    return path.read_bytes() == OLD.encode() and [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_saves_the_very_bytes_and_reads_them_back(path: Path) -> None:
    document = save(path, NEW, read(path).fingerprint)
    assert path.read_bytes() == NEW.encode()
    assert document == read(path) and document.fingerprint == fingerprint(path)
    assert [entry.name for entry in path.parent.iterdir()] == ["train.yaml"]


def test_permission_bits_and_links_stay(path: Path, tmp_path: Path) -> None:
    path.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(path.name)
    save(link, NEW, None)
    assert link.is_symlink() and path.read_bytes() == NEW.encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_new_file_gets_the_usual_bits(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        save(tmp_path / "new.yaml", NEW, None)
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "new.yaml").stat().st_mode) == 0o640


def test_changed_on_disk(path: Path) -> None:
    document = read(path)
    path.write_text("iters: 99\n")
    with pytest.raises(ChangedOnDisk, match="changed on disk"):
        save(path, NEW, document.fingerprint)
    assert path.read_text() == "iters: 99\n" and len(list(path.parent.iterdir())) == 1
    path.unlink()
    with pytest.raises(ChangedOnDisk):
        save(path, NEW, document.fingerprint)
    assert not list(path.parent.iterdir())


def test_read_only_file(path: Path) -> None:
    path.chmod(0o444)
    with pytest.raises(SaveError, match="read-only"):
        save(path, NEW, None)
    assert _is_untouched(path)


def test_read_only_folder(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    may = os.access
    monkeypatch.setattr(os, "access", lambda where, mode: Path(where) != path.parent and may(where, mode))
    with pytest.raises(SaveError, match="folder is read-only"):
        save(path, NEW, None)
    assert _is_untouched(path)


@pytest.mark.parametrize("step", ["open", "fsync", "fchmod"])
def test_a_disk_that_fails(path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, step, full)
    with pytest.raises(SaveError, match=r"nothing was changed: No space left on device\."):
        save(path, NEW, None)
    assert _is_untouched(path)


def test_interrupted_before_the_rename(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        save(path, NEW, None)
    assert _is_untouched(path)


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a tmpfs is not permitted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_really_full_disk(tiny_disk: Path) -> None:
    path = tiny_disk / "train.yaml"
    path.write_bytes(OLD.encode())
    with pytest.raises(SaveError, match="No space left"):
        save(path, "iters: 6\n" + "# x\n" * 10_000, None)
    assert _is_untouched(path)


@pytest.mark.parametrize(
    ("name", "words"), [("no/such/f.yaml", "no folder"), (".", "regular file"), ("a\0b", "cannot be used")]
)
def test_impossible_targets(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(SaveError, match=words):
        save(tmp_path / name, NEW, None)


def test_difference_is_a_unified_diff() -> None:
    document = parse("a: 1\r\nb: 2\r\n", Path("train.yaml"))
    assert difference(document, "a: 1\r\nb: 3\r\n") == [
        "--- train.yaml", "+++ train.yaml", "@@ -1,2 +1,2 @@", " a: 1", "-b: 2", "+b: 3",
    ]  # fmt: skip
    assert difference(document, document.text) == []
