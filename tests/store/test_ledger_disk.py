"""A full disk and a read-only folder: refused, and the ledger as before."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.errors import LedgerError
from dongtou_geo.store.opening import create, open_ledger

if sys.platform == "win32":
    pytest.skip("limits and permissions are set the POSIX way", allow_module_level=True)
import resource

MOMENT = datetime(2026, 6, 1, 4, tzinfo=UTC)
BARE = Parcel("A-1", Origin.LAND, AreaBasis.LEDGER)
REGISTER = Event(0, "A-1", EventKind.REGISTER, date(2016, 1, 1), MOMENT, "张三", area_m2=2e3)
OTHER = replace(BARE, parcel_no="B-2", note="x" * 20_000)


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@contextmanager
def full_disk() -> Iterator[None]:
    """Let no file grow, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_leaves_no_half_made_ledger(path: Path) -> None:
    with full_disk(), pytest.raises(LedgerError) as refused:
        create(url_of(path))
    assert str(path) in str(refused.value)
    assert list(path.parent.iterdir()) == []
    create(url_of(path))


def test_a_full_disk_leaves_the_ledger_as_before(path: Path) -> None:
    ledger = create(url_of(path))
    ledger.append([BARE], [REGISTER])
    before = (ledger.parcels(), ledger.events())
    with full_disk(), pytest.raises(LedgerError, match="内容未改变") as refused:
        ledger.append([OTHER], [replace(REGISTER, parcel_no="B-2")])
    assert str(path) in str(refused.value)
    assert (ledger.parcels(), ledger.events()) == before


@contextmanager
def unprivileged() -> Iterator[None]:
    """Be nobody in particular: no file permission stops root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def closed_folder() -> Iterator[Path]:
    """A folder that can be looked into but not written to; pytest's own are root's alone."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        create(url_of(folder / "ledger.sqlite")).append([BARE], [REGISTER])
        (folder / "ledger.sqlite").chmod(0o444)
        folder.chmod(0o555)
        yield folder
        folder.chmod(0o755)


@pytest.mark.parametrize("name", ["new.sqlite", "deep/new.sqlite"])
def test_create_in_a_read_only_folder_is_refused(closed_folder: Path, name: str) -> None:
    before = sorted(closed_folder.rglob("*"))
    with unprivileged(), pytest.raises(LedgerError, match="无法建立") as refused:
        create(url_of(closed_folder / name))
    assert name in str(refused.value)
    assert sorted(closed_folder.rglob("*")) == before


def test_a_ledger_in_a_read_only_folder_is_read(closed_folder: Path) -> None:
    file = closed_folder / "ledger.sqlite"
    before = sorted(closed_folder.rglob("*"))
    with unprivileged():
        ledger = open_ledger(str(file))
        assert [parcel.parcel_no for parcel in ledger.parcels()] == ["A-1"]
        assert [event.kind for event in ledger.events()] == [EventKind.REGISTER]
        with pytest.raises(LedgerError, match="内容未改变：文件或文件夹只读，无法写入"):
            ledger.append([OTHER], [replace(REGISTER, parcel_no="B-2")])
    assert sorted(closed_folder.rglob("*")) == before


def test_a_log_that_cannot_be_read_in_a_read_only_folder_is_not_passed_over(
    closed_folder: Path,
) -> None:
    # What was acknowledged stands in the log alone: without it the figures would be old ones.
    file = closed_folder / "ledger.sqlite"
    closed_folder.chmod(0o755)
    (closed_folder / "ledger.sqlite-wal").write_bytes(b"lines not yet in the file")
    closed_folder.chmod(0o555)
    with unprivileged(), pytest.raises(LedgerError, match=r"只读|权限"):
        open_ledger(str(file)).parcels()


def test_a_read_only_ledger_takes_nothing_and_says_so(closed_folder: Path) -> None:
    file = closed_folder / "ledger.sqlite"
    before = file.read_bytes()
    with unprivileged(), pytest.raises(LedgerError) as refused:
        open_ledger(url_of(file)).append([OTHER], [])
    assert str(file) in str(refused.value)
    assert file.read_bytes() == before
