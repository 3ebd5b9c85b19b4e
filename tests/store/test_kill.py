"""kill -9 while a record is written: what was acknowledged is there, and nothing by halves."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dongtou_geo.store import upkeep
from dongtou_geo.store.address import file_url
from dongtou_geo.store.opening import open_ledger

ROOT = Path(__file__).resolve().parents[2]
KILLS, AMID_WRITES = 200, 150

if sys.platform != "linux":
    pytest.skip("children are forked and killed the Linux way", allow_module_level=True)


def test_what_was_acknowledged_outlives_kill_9_at_any_moment(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    command = [sys.executable, "-m", "tests.store.killing", str(path), str(KILLS + 20)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout.splitlines()[-1])
    print(report)
    assert report["faults"] == []
    kills = report["kills"]
    amid = kills.get("after the first write", 0), kills.get("in the commit", 0)
    assert sum(kills.values()) >= KILLS
    assert sum(amid) >= AMID_WRITES
    # Before the commit, and while it was on its way to the disk: a short way on a quick one.
    assert min(amid) >= 5
    assert report["acknowledged"] >= KILLS / 2
    assert upkeep.verify(open_ledger(file_url(path))) == []
