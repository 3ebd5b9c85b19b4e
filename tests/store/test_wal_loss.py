"""GDAL and the live ledger: opened by GDAL in the process that holds it, a ledger loses a commit.

Two copies of SQLite in one process (Python's and GDAL's) do not see each other's locks: closing
the file, GDAL takes itself for the last user and deletes the log into which we go on writing. So
GDAL is shown copies only. Each story runs in a process of its own that ends like one killed by
``kill -9``: what counts is what the next process finds.
"""

import subprocess
import sys
from pathlib import Path

import pyogrio
import pytest

from dongtou_geo.domain.event import EventKind
from dongtou_geo.store import upkeep
from dongtou_geo.store.address import file_url
from dongtou_geo.store.opening import create, open_ledger
from tests import test_architecture
from tests.store.small_office import fill

ACKNOWLEDGED = 9
BEGINNING = """
import os, sqlite3, sys
from datetime import date
from pathlib import Path
import pyogrio
from dongtou_geo.domain.event import EventKind
from dongtou_geo.store import upkeep
from dongtou_geo.store.opening import open_ledger
from dongtou_geo.store.address import file_url
from tests.store.small_office import DRAWN, line

live, copy = Path(sys.argv[1]), Path(sys.argv[2])
ledger = open_ledger(file_url(live))
later = line(DRAWN.parcel_no, EventKind.COMPLETE, date(2019, 12, 1))
"""
# What must never be done.
LIVE_FILE = f"""{BEGINNING}
held = sqlite3.connect(live)
held.execute("SELECT count(*) FROM events").fetchall()
pyogrio.list_layers(live)
held.execute("INSERT INTO meta VALUES ('acknowledged', 'yes')")
held.commit()
os._exit(9)
"""
# What is done instead, by whoever holds the ledger meanwhile.
COPY_HELD_BY_A_READER = f"""{BEGINNING}
with ledger.reading() as snapshot:
    snapshot.events()
    upkeep.backup(ledger, copy)
    assert "events" in pyogrio.list_layers(copy)[:, 0]
    assert len(pyogrio.read_dataframe(copy, layer="events", read_geometry=False)) == 11
    ledger.append([], [later])
    os._exit(9)
"""
COPY_HELD_BY_A_WRITER = f"""{BEGINNING}
with ledger.writing() as writer:
    writer.add([], [later])
    upkeep.backup(ledger, copy)
    assert len(pyogrio.read_dataframe(copy, layer="events", read_geometry=False)) == 11
    writer.connection.commit()
    os._exit(9)
"""


@pytest.fixture
def live(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.sqlite"
    assert len(fill(create(file_url(path))).events()) == 11
    return path


def run(story: str, live: Path) -> None:
    """Run a story up to its end, which comes right after the acknowledged commit."""
    command = [sys.executable, "-c", story, str(live), str(live.parent / "copy")]
    root = test_architecture.ROOT
    told = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert told.returncode == ACKNOWLEDGED, told.stderr


def test_gdal_on_the_live_file_loses_an_acknowledged_commit(live: Path) -> None:
    """Why the rule is there; once this fails, GDAL has mended its ways and the rule may go."""
    run(LIVE_FILE, live)
    with open_ledger(file_url(live)).reading() as snapshot:
        rows = snapshot.connection.exec_driver_sql("SELECT key FROM meta").scalars()
        assert "acknowledged" not in set(rows)


@pytest.mark.parametrize("story", [COPY_HELD_BY_A_READER, COPY_HELD_BY_A_WRITER])
def test_a_commit_survives_gdal_on_a_copy_in_the_same_process(live: Path, story: str) -> None:
    run(story, live)
    ledger = open_ledger(file_url(live))
    assert [event.kind for event in ledger.events()][11:] == [EventKind.COMPLETE]
    assert upkeep.verify(ledger) == []


def test_gdal_leaves_a_backup_as_it_is(live: Path) -> None:
    copy = live.parent / "copy"
    upkeep.backup(open_ledger(file_url(live)), copy)
    before = copy.read_bytes()
    layers = set(pyogrio.list_layers(copy)[:, 0])
    assert {"parcels", "events", "parcel_states"} <= layers
    assert copy.read_bytes() == before
    assert sorted(path.name for path in live.parent.iterdir()) == ["copy", "ledger.sqlite"]


KEEPING = """
import sys
from pathlib import Path
from dongtou_geo.services import upkeep
from dongtou_geo.store.opening import open_ledger
from dongtou_geo.store.address import file_url
from datetime import UTC, datetime

live = Path(sys.argv[1])
ledger, now = open_ledger(file_url(live)), datetime.now(UTC)
kept = upkeep.backup(ledger, now=now)
upkeep.copy(ledger, file_url(live.with_name("other.sqlite")))
upkeep.restore(kept, ledger.url, force=True, now=now)
assert upkeep.verify(ledger) == []
sys.exit(9 if not {"pyogrio", "fiona", "osgeo"} & sys.modules.keys() else "GDAL was there")
"""


def test_whoever_keeps_the_ledger_does_not_even_know_gdal(live: Path) -> None:
    run(KEEPING, live)


def test_the_house_keeps_gdal_out_of_the_store() -> None:
    owners = test_architecture.OWNERS
    assert owners["pyogrio"] == owners["osgeo"] == owners["fiona"] == {"formats"}
    assert test_architecture.libraries_have_owners(test_architecture.ROOT) == []
    assert test_architecture.files_are_opened_in_formats(test_architecture.ROOT) == []
