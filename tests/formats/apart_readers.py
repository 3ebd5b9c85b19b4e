"""Reading functions for the reading process to call: one that works, and the ways to fail.

What is heavy is imported where it is used: most of these fail before they need it.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from dongtou_geo.errors import UsageError

if TYPE_CHECKING:
    from dongtou_geo.formats.arrived import Arrived


def good(path: Path, *, layer: str | None, encoding: str) -> Arrived:
    import numpy as np
    import pandas as pd
    import shapely

    from dongtou_geo.formats.arrived import Arrived

    cells = pd.DataFrame({"编号": [path.read_text("utf-8"), layer]}, dtype=object)
    outlines = np.array([shapely.box(0, 0, 1, 2), None], dtype=object)
    return Arrived("地块", cells, np.array([2, 3]), outlines, encoding=encoding)


def names(path: Path) -> list[str]:
    return [path.name, "二\ud800"]


def surroundings(path: Path, *, layer: str | None, encoding: str) -> Arrived:
    """Tell what the process sees around it."""
    seen = {
        "environ": dict(os.environ),
        "cwd": str(Path.cwd()),
        "stdin": sys.stdin.read(),
        "modules": sorted(sys.modules),
        "path": sys.path,
    }
    path.with_suffix(".json").write_text(json.dumps(seen), "utf-8")
    return good(path, layer=layer, encoding=encoding)


def asks_network(path: Path, *, layer: str | None, encoding: str) -> Arrived:
    import pyogrio

    address = path.read_text("utf-8")
    for source in (f"/vsicurl/{address}/a.geojson", f"{address}/a.geojson"):
        try:
            pyogrio.read_info(source)
        except pyogrio.errors.DataSourceError:
            continue
    return good(path, layer=layer, encoding=encoding)


def eats_memory(path: Path, *, layer: str | None, encoding: str) -> Arrived:
    _say_who(path)
    kept = []
    while True:
        kept.append(b"x" * 2**26)


def loops(path: Path, *, layer: str | None, encoding: str) -> Arrived:
    _say_who(path)
    while True:
        time.sleep(0.01)


def loops_with_child(path: Path, *, layer: str | None, encoding: str) -> Arrived:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    _say_who(path, child.pid)
    while True:
        time.sleep(0.01)


def crashes(path: Path, *, layer: str | None, encoding: str) -> Arrived:
    _say_who(path)
    ctypes.string_at(0)
    raise AssertionError


def is_killed(path: Path, *, layer: str | None, encoding: str) -> Arrived:
    _say_who(path)
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def leaves(path: Path, *, layer: str | None, encoding: str) -> Arrived:
    _say_who(path)
    print("绝密 /home/somebody/secret", file=sys.stderr, flush=True)
    os._exit(0)


def fails(path: Path, *, layer: str | None, encoding: str) -> Arrived:
    _say_who(path)
    raise ZeroDivisionError


def returns_nothing(path: Path, *, layer: str | None, encoding: str) -> None:
    _say_who(path)


def writes_garbage_outcome(path: Path, *, layer: str | None, encoding: str) -> Arrived:
    _say_who(path)
    (Path.cwd().parent / "outcome.json").write_bytes(b"\x80\x04\x95cos\nsystem")
    os._exit(0)


def writes_garbage_cells(path: Path, *, layer: str | None, encoding: str) -> Arrived:
    _say_who(path)
    (Path.cwd().parent / "outcome.json").write_text('{"kind": "read"}')
    (Path.cwd().parent / "arrived" / "typed.arrow").write_bytes(b"\x80\x04\x95cos\nsystem" * 99)
    os._exit(0)


def writes_much(path: Path, *, layer: str | None, encoding: str) -> Arrived:
    _say_who(path)
    line = "x" * 9_999 + "\n"
    for _ in range(10_000):
        sys.stderr.write(line)
        sys.stdout.write(line)
    return good(path, layer=layer, encoding=encoding)


def needs_choice(path: Path, *, layer: str | None, encoding: str) -> Arrived:
    from dongtou_geo.formats.arrived import ChoiceNeededError

    msg = "请选择图层"
    raise ChoiceNeededError(msg, "--layer", ("甲", "乙<b>"))


def wrong_usage(path: Path, *, layer: str | None, encoding: str) -> Arrived:
    msg = f"没有编码“{encoding}”"
    raise UsageError(msg)


def locked(path: Path, *, layer: str | None, encoding: str) -> Arrived:
    """Refuse with a class that the parent does not know by name."""
    from dongtou_geo.formats.arrived import FormatError

    class LockedError(FormatError):
        pass

    msg = "工作簿已加密"
    raise LockedError(msg)


def _say_who(path: Path, *others: int) -> None:
    path.with_suffix(".pid").write_text(" ".join(map(str, (os.getpid(), *others))))
