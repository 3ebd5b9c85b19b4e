"""Reading a sent file in a process of its own, with limits on time, memory and size.

A damaged or malicious file can crash, hang or take over the library that parses it. It then does
so to a process that holds nothing, may take little, and is ended when it does not end by itself.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

from dongtou_geo.domain.os_words import os_words
from dongtou_geo.errors import DongtouGeoError, UsageError
from dongtou_geo.formats.apart_child import ARRIVED, OUTCOME, REQUEST
from dongtou_geo.formats.apart_process import end, listen, started
from dongtou_geo.formats.arrived import Arrived, ChoiceNeededError, FormatError
from dongtou_geo.formats.limits import DEFAULT_LIMITS, GIB, Limits, limits_from
from dongtou_geo.formats.passing import unpack
from dongtou_geo.formats.scratch import scratch_folder, sweep_scratch

__all__ = ["Limits", "ReadingCancelledError", "layers_apart", "limits_from", "read_apart"]

READER = "dongtou_geo.formats.reading:read"
LISTER = "dongtou_geo.formats.reading:layers_of"

_POLL_SECONDS = 0.2
_OUTCOME_BYTES = 16 * 2**20


class ReadingCancelledError(FormatError):
    """Raise when somebody called off the reading of a file."""


@dataclass(frozen=True, slots=True)
class _Watch:
    """The parent's side of one reading."""

    name: str
    limits: Limits
    cancelled: Callable[[], bool] | None
    progress: Callable[[str], None] | None


def read_apart(
    path: Path,
    *,
    layer: str | None = None,
    encoding: str = "auto",
    limits: Limits = DEFAULT_LIMITS,
    cancelled: Callable[[], bool] | None = None,
    progress: Callable[[str], None] | None = None,
    reader: str = READER,
) -> Arrived:
    """Read one layer of a sent file; the file is parsed in another process.

    Parameters
    ----------
    path : Path
        A file, or a folder that is a File GDB.
    layer : str, optional
        Which layer or worksheet, where there are several.
    encoding : str
        Of its text, where the format leaves it open; ``auto`` = find out.
    limits : Limits
        What the reading may take.
    cancelled : callable, optional
        Asked five times a second; True ends the reading.
    progress : callable, optional
        Told in Chinese how far it is, about once a second.
    reader : str
        ``module:function`` that reads, called in the other process.

    Returns
    -------
    Arrived
        What the file held.

    Raises
    ------
    FormatError
        If the file cannot be read, or not within the limits.
    ChoiceNeededError
        If somebody must say which layer or encoding is meant.
    ReadingCancelledError
        If it was called off.
    UsageError
        If an encoding or layer is asked for that there is not.
    """
    options = {"layer": layer, "encoding": encoding}
    task = {"task": "read", "function": reader, "options": options}
    watch = _Watch(path.name, limits, cancelled, progress)
    with _outcome(path, task, watch) as (folder, _):
        return unpack(folder / ARRIVED)


def layers_apart(
    path: Path,
    *,
    limits: Limits = DEFAULT_LIMITS,
    cancelled: Callable[[], bool] | None = None,
    progress: Callable[[str], None] | None = None,
    lister: str = LISTER,
) -> list[str]:
    """List the layers or worksheets of a sent file; the file is parsed in another process.

    Parameters
    ----------
    path : Path
        A file, or a folder that is a File GDB.
    limits : Limits
        What the reading may take.
    cancelled : callable, optional
        Asked five times a second; True ends the reading.
    progress : callable, optional
        Told in Chinese how far it is, about once a second.
    lister : str
        ``module:function`` that lists, called in the other process.

    Returns
    -------
    list of str
        Their names, in the file's order.

    Raises
    ------
    FormatError
        If the file cannot be read, or not within the limits.
    ReadingCancelledError
        If it was called off.
    """
    task = {"task": "layers", "function": lister, "options": {}}
    watch = _Watch(path.name, limits, cancelled, progress)
    with _outcome(path, task, watch) as (_, outcome):
        return _texts(outcome.get("names"))


def made_apart(
    path: Path,
    target: Path,
    maker: str,
    options: Mapping[str, Any],
    *,
    limits: Limits = DEFAULT_LIMITS,
) -> list[str]:
    """Have a file made out of a sent file; both are opened in another process only.

    Parameters
    ----------
    path, target : Path
        The sent file, and where what was made is put; replaced if it exists.
    maker : str
        ``module:function`` that takes both paths and the options, called in the other process.
    options : mapping of str to Any
        JSON values.
    limits : Limits
        What the making may take.

    Returns
    -------
    list of str
        What the maker has to say, in Chinese.

    Raises
    ------
    FormatError
        If the file cannot be read, or not within the limits.
    """
    task = {"task": "make", "function": maker, "options": {**options, "name": target.name}}
    watch = _Watch(path.name, limits, None, None)
    with _outcome(path, task, watch) as (folder, outcome):
        shutil.move(folder / ARRIVED / target.name, target)
        return _texts(outcome.get("names"))


@contextmanager
def _outcome(
    path: Path, task: dict[str, Any], watch: _Watch
) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Have a task done; yield the folder where it was done, and what became of it."""
    _check_size(path, watch.limits)
    sweep_scratch()
    with scratch_folder() as folder:
        for part in (ARRIVED, "work"):
            (folder / part).mkdir()
        request = {
            **task,
            "path": str(path.absolute()),
            "seconds": watch.limits.seconds,
            "memory_bytes": watch.limits.memory_bytes,
        }
        (folder / REQUEST).write_text(json.dumps(request), "ascii")
        words = bytearray()
        try:
            code = _run(folder, watch, words)
            yield folder, _understood(folder, code, watch)
        except DongtouGeoError as error:
            _note(error, words)
            raise


def _check_size(path: Path, limits: Limits) -> None:
    try:
        size = _size(path)
    except OSError as error:
        msg = f"文件“{path.name}”无法读取：{os_words(error)}"
        raise FormatError(msg) from error
    if size >= limits.file_bytes:
        msg = (
            f"文件“{path.name}”过大：{size / GIB:.2f} GiB，应小于 {limits.file_bytes / GIB:g} GiB；"
            "请拆分后再导入，或用 DONGTOU_GEO_INTAKE_FILE_GIB 调高上限"
        )
        raise FormatError(msg)


def _size(path: Path) -> int:
    """Measure a file with those that belong to it: a Shapefile's, or a File GDB's folder."""
    parts = [path]
    if path.is_dir():
        parts = [part for part in path.rglob("*") if part.is_file()]
    elif path.suffix.lower() == ".shp":
        parts += [part for part in path.parent.iterdir() if part.stem == path.stem and part != path]
    return sum(part.stat().st_size for part in parts)


def _run(folder: Path, watch: _Watch, words: bytearray) -> int:
    """Run the other process to its end, or end it; keep its last words, return its exit code."""
    process = started(folder)
    assert process.stdin is not None
    assert process.stderr is not None
    listener = Thread(target=listen, args=(process.stderr, words), daemon=True)
    listener.start()
    try:
        return _waited(process, watch)
    finally:
        end(process)
        # Not before: the process takes that for our own end.
        with suppress(OSError):
            process.stdin.close()
        listener.join(timeout=2.0)
        # Whoever still holds the other end left the group; the daemon thread may wait for it.
        if not listener.is_alive():
            process.stderr.close()


def _waited(process: subprocess.Popen[bytes], watch: _Watch) -> int:
    start, told = time.monotonic(), -1
    while True:
        try:
            return process.wait(timeout=_POLL_SECONDS)
        except subprocess.TimeoutExpired:
            elapsed = time.monotonic() - start
        if watch.cancelled is not None and watch.cancelled():
            msg = f"已取消读取“{watch.name}”"
            raise ReadingCancelledError(msg)
        if elapsed > watch.limits.seconds:
            raise _over_time(watch)
        if watch.progress is not None and int(elapsed) > told:
            told = int(elapsed)
            watch.progress(f"正在读取“{watch.name}”，已用 {told} 秒")


def _understood(folder: Path, code: int, watch: _Watch) -> dict[str, Any]:
    """Return the outcome of a success; raise what it says otherwise."""
    if code != 0:
        raise _died(code, watch)
    try:
        path = folder / OUTCOME
        if path.stat().st_size > _OUTCOME_BYTES:
            raise _died(code, watch)
        found = json.loads(path.read_text("ascii"))
        kind = found["kind"]
        if kind == "refused":
            raise _refused(found)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _died(code, watch) from error
    if kind == "memory":
        msg = (
            f"文件“{watch.name}”无法读取：所需内存超过上限（{watch.limits.sentence}）；"
            "请拆分文件，或用 DONGTOU_GEO_INTAKE_MEMORY_GIB 调高上限"
        )
        raise FormatError(msg)
    return found


def _refused(found: dict[str, Any]) -> DongtouGeoError:
    message, classes = str(found["message"]), _texts(found["classes"])
    for name in classes:
        if name == ChoiceNeededError.__name__:
            return ChoiceNeededError(message, str(found["flag"]), tuple(_texts(found["options"])))
        if name == UsageError.__name__:
            return UsageError(message)
    return FormatError(message)


def _over_time(watch: _Watch) -> FormatError:
    return FormatError(
        f"文件“{watch.name}”无法读取：超过时间上限，已停止（{watch.limits.sentence}）；"
        "请拆分文件，或用 DONGTOU_GEO_INTAKE_SECONDS 调高上限"
    )


def _died(code: int, watch: _Watch) -> FormatError:
    if sys.platform != "win32" and code == -signal.SIGXCPU:
        return _over_time(watch)
    how = f"信号 {-code}" if code < 0 else f"退出码 {code}"
    return FormatError(
        f"文件“{watch.name}”无法读取：读取进程意外中止（{how}）。文件可能已损坏，"
        f"或所需超出限制（{watch.limits.sentence}）；请用原软件另存一份后重试，或拆分文件"
    )


def _note(error: DongtouGeoError, words: bytearray) -> None:
    """Keep the other process's last words for whoever looks for the cause; users see none."""
    text = words.decode("utf-8", errors="replace").strip()
    if text:
        error.add_note(f"stderr of the reading process:\n{text}")


def _texts(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        msg = "读取进程交回的内容已损坏，无法使用；文件可能已损坏，请另存一份后重试"
        raise FormatError(msg)
    return value
