"""Temporary folders go with their process, at the latest when the next one starts."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from dongtou_geo.formats.scratch import is_running, scratch_folder, sweep_scratch


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="module")
def dead() -> int:
    """The number of a process that was."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_folders_of_the_dead_are_removed_and_no_others(scratch: Path, dead: int) -> None:
    gone = scratch / f"dongtou-geo-{dead}-abc"
    (gone / "work").mkdir(parents=True)
    (gone / "work" / "sent.gpkg").write_bytes(b"x")
    kept = [
        scratch / name
        for name in (f"dongtou-geo-{os.getpid()}-abc", "dongtou-geo-abc", f"other-{dead}-abc")
    ]
    for folder in kept:
        folder.mkdir()
    file = scratch / f"dongtou-geo-{dead}-file"
    file.write_text("")
    link = scratch / f"dongtou-geo-{dead}-link"
    link.symlink_to(kept[2], target_is_directory=True)
    sweep_scratch()
    assert sorted(scratch.iterdir()) == sorted([*kept, file, link])


def test_a_folder_lives_as_long_as_its_block(scratch: Path) -> None:
    with scratch_folder() as folder:
        sweep_scratch()
        assert folder.is_dir()
        assert folder.parent == scratch
    assert list(scratch.iterdir()) == []


def test_running_is_known(dead: int) -> None:
    assert is_running(os.getpid())
    assert not is_running(dead)


def test_no_temporary_folder_at_all_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    sweep_scratch()
