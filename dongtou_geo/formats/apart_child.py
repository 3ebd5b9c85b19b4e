"""The process that parses a sent file, and nothing else: ``python -m … FOLDER``.

It takes its limits first, imports only what the task needs, and leaves its result in the folder.
"""

from __future__ import annotations

import faulthandler
import importlib
import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

from dongtou_geo.errors import DongtouGeoError

REQUEST, OUTCOME, ARRIVED = "request.json", "outcome.json", "arrived"
_PR_SET_PDEATHSIG = 1
NO_OUTCOME = 3  # exit code: an error that nobody foresaw


def main(folder: Path) -> int:
    """Do what the request in a folder asks, and leave the outcome there.

    Parameters
    ----------
    folder : Path
        Holds ``request.json``, made by ``formats.apart``.

    Returns
    -------
    int
        0 when ``outcome.json`` says what became of it, refusals too.
    """
    end_with_parent()
    request = json.loads((folder / REQUEST).read_text("ascii"))
    faulthandler.enable()
    confine(seconds=request["seconds"], memory_bytes=request["memory_bytes"])
    try:
        outcome = _done(request, folder)
    except MemoryError:
        outcome = {"kind": "memory"}
    except DongtouGeoError as error:
        outcome = _refusal(error)
    (folder / OUTCOME).write_text(json.dumps(outcome), "ascii")
    return 0


def end_with_parent() -> None:
    """Let this process end when the one that started it does, however that one ends.

    Notes
    -----
    Standard input is a pipe whose other end nobody but the parent holds, so it ends with the
    parent on every system. A library that keeps Python's lock would delay that: on Linux the
    kernel sees to it as well.
    """
    lifeline = os.dup(0)
    # What reads standard input must neither wait for the parent nor take its end away.
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0, inheritable=True)
    os.close(empty)
    Thread(target=_end_after, args=(lifeline,), daemon=True).start()
    if sys.platform == "linux":
        import ctypes

        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _end_after(lifeline: int) -> None:
    with suppress(OSError):
        while os.read(lifeline, 1024):
            pass
    if sys.platform != "win32" and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)  # with whatever was started here
    os._exit(NO_OUTCOME)


def confine(*, seconds: float, memory_bytes: int) -> None:
    """Bound what this process may take from the machine, for good.

    Parameters
    ----------
    seconds : float
        Wall time that the parent allows; processor time ends at twice that, should the parent
        be gone.
    memory_bytes : int
        Address space, and the size of any file it writes.

    Notes
    -----
    Windows has no such limits: there only the parent's clock counts. macOS may ignore the one on
    memory. On Linux the kernel also ends this process before the app when memory runs out.
    """
    if sys.platform == "win32":
        return
    import resource

    for kind, wanted in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, int(seconds * 2) + 1),
        (resource.RLIMIT_FSIZE, memory_bytes),
        (resource.RLIMIT_AS, memory_bytes),
    ):
        _, hard = resource.getrlimit(kind)
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, value))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", "ascii")


def _done(request: dict[str, Any], folder: Path) -> dict[str, Any]:
    function = _named(request["function"])
    if request["task"] == "make":
        options = dict(request["options"])
        target = folder / ARRIVED / options.pop("name")
        return {"kind": "made", "names": list(function(Path(request["path"]), target, **options))}
    found = function(Path(request["path"]), **request["options"])
    if request["task"] == "layers":
        return {"kind": "layers", "names": [str(name) for name in found]}
    from dongtou_geo.formats.passing import pack

    pack(found, folder / ARRIVED)
    return {"kind": "read"}


def _named(name: str) -> Callable[..., Any]:
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function)


def _refusal(error: DongtouGeoError) -> dict[str, Any]:
    """Say which error it was; the parent knows the names from errors and arrived only."""
    return {
        "kind": "refused",
        "classes": [kind.__name__ for kind in type(error).__mro__],
        "message": str(error),
        "flag": getattr(error, "flag", ""),
        "options": list(getattr(error, "options", ())),
    }


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
