"""The state machine on SQLite: whatever an office does, the books are what the sheets say."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest

from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create, open_ledger
from tests.store.ledger_machine import RULES, run_machine

OFTEN = 50
MEMORY = Path("/dev/shm")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where that can be had: what a disk adds here is waiting."""
    if not MEMORY.is_dir():
        yield tmp_path
        return
    with TemporaryDirectory(dir=MEMORY) as name:
        yield Path(name)


@pytest.mark.timeout(600)
def test_books_equal_sheets_kept_by_hand_whatever_the_office_does(folder: Path) -> None:
    create(f"sqlite:///{folder / 'empty'}")

    def fresh() -> Ledger:
        path = folder / uuid4().hex
        copyfile(folder / "empty", path)
        return open_ledger(f"sqlite:///{path}")

    taken = run_machine(fresh, often=OFTEN)
    print(dict(sorted(taken.items())))
    assert {name: taken[name] for name in RULES if taken[name] < OFTEN} == {}
