"""A sent file is parsed elsewhere: what went well comes back whole, what did not ends cleanly."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import shapely

from dongtou_geo.errors import UsageError
from dongtou_geo.formats.apart import (
    Limits,
    ReadingCancelledError,
    layers_apart,
    limits_from,
    read_apart,
)
from dongtou_geo.formats.apart_child import NO_OUTCOME
from dongtou_geo.formats.arrived import ChoiceNeededError, FormatError
from dongtou_geo.formats.export_gpkg import write_gpkg
from dongtou_geo.formats.limits import GIB
from dongtou_geo.settings import ROOT
from tests.formats.exports import HOSTILE, parcels

READERS = "tests.formats.apart_readers:"
TIGHT = Limits(seconds=60.0, memory_bytes=GIB)
TIGHT_WORDS = "内存上限 1 GiB，时间上限 60 秒"


@pytest.fixture
def sent(tmp_path: Path) -> Path:
    path = tmp_path / "台账 $(reboot)\n.gpkg"
    path.write_text("𠮷;--", "utf-8")
    return path


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made; empty again when all went as it should."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def failure(sent: Path, reader: str, limits: Limits = TIGHT) -> FormatError:
    with pytest.raises(FormatError) as caught:
        read_apart(sent, limits=limits, reader=READERS + reader)
    return caught.value


def gone(pid: int) -> bool:
    """Neither running nor a zombie of ours; an orphan is its new parent's to reap."""
    for _ in range(50):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        stat = Path(f"/proc/{pid}/stat")
        if stat.exists():
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            if state == "Z" and int(parent) != os.getpid():
                return True
        time.sleep(0.02)
    return False


def assert_nothing_left(sent: Path, scratch: Path) -> None:
    assert list(scratch.iterdir()) == []
    pids = sent.with_suffix(".pid")  # missing where it was ended before it could say
    for pid in pids.read_text().split() if pids.exists() else ():
        assert gone(int(pid))


def test_what_was_read_comes_back(sent: Path, scratch: Path) -> None:
    arrived = read_apart(sent, layer="甲", encoding="gb18030", reader=READERS + "good")
    assert arrived.cells["编号"].tolist() == ["𠮷;--", "甲"]
    assert arrived.encoding == "gb18030"
    assert arrived.outlines is not None
    assert arrived.outlines[0].area == 2.0
    assert arrived.outlines[1] is None
    assert list(scratch.iterdir()) == []


def test_layers_come_back(sent: Path, scratch: Path) -> None:
    assert layers_apart(sent, lister=READERS + "names") == [sent.name, "二\ud800"]
    assert list(scratch.iterdir()) == []


def test_real_files_are_read_apart(tmp_path: Path, scratch: Path) -> None:
    path = tmp_path / "地块 <1>.gpkg"
    cells, outlines = parcels()
    write_gpkg(path, cells, outlines, layer="地块")
    arrived = read_apart(path, limits=TIGHT)
    assert arrived.cells["note"].tolist()[:-1] == list(HOSTILE)
    assert arrived.outlines is not None
    assert shapely.equals(arrived.outlines[:-1], outlines[:-1]).all()
    assert layers_apart(path, limits=TIGHT) == ["地块"]
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(FormatError):
        read_apart(path, limits=TIGHT)
    assert list(scratch.iterdir()) == []


def test_process_sees_little(sent: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DONGTOU_GEO_TIANDITU_KEY", "secret")
    monkeypatch.setenv("https_proxy", "http://proxy.test:1")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    read_apart(sent, reader=READERS + "surroundings")
    seen = json.loads(sent.with_suffix(".json").read_text("utf-8"))
    assert "secret" not in seen["environ"].values()
    assert not any("proxy" in name.lower() for name in set(seen["environ"]) - {"GDAL_HTTP_PROXY"})
    assert seen["cwd"].startswith(str(scratch))
    assert seen["environ"]["TMPDIR"] == seen["cwd"]
    assert seen["cwd"] not in seen["path"]
    assert seen["stdin"] == ""
    assert not {"streamlit", "sqlalchemy", "folium", "pandas"} & set(seen["modules"])


def test_gdal_cannot_reach_a_host(sent: Path) -> None:
    asked = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_GET  # noqa: N815 - the name that the standard library calls

    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        sent.write_text(f"http://127.0.0.1:{server.server_port}", "utf-8")
        read_apart(sent, reader=READERS + "asks_network")
        server.shutdown()
        thread.join()
    assert asked == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux is sure to bound memory")
def test_memory_is_bounded(sent: Path, scratch: Path) -> None:
    message = str(failure(sent, "eats_memory"))
    assert "所需内存超过上限" in message
    assert TIGHT_WORDS in message
    assert_nothing_left(sent, scratch)


@pytest.mark.parametrize("reader", ["loops", "loops_with_child"])
def test_time_is_bounded(sent: Path, scratch: Path, reader: str) -> None:
    limits = Limits(seconds=1.5, memory_bytes=2 * GIB)
    message = str(failure(sent, reader, limits))
    assert "超过时间上限" in message
    assert "内存上限 2 GiB，时间上限 1.5 秒" in message
    assert_nothing_left(sent, scratch)


@pytest.mark.parametrize(
    ("reader", "how"),
    [
        ("crashes", f"信号 {int(signal.SIGSEGV)}"),
        ("is_killed", "信号 9"),
        ("fails", "退出码 1"),
        ("returns_nothing", "退出码 1"),
        ("leaves", "退出码 0"),
        ("writes_garbage_outcome", "退出码 0"),
    ],
)
def test_death_is_told(sent: Path, scratch: Path, reader: str, how: str) -> None:
    message = str(failure(sent, reader))
    assert "无法读取" in message
    assert how in message
    assert TIGHT_WORDS in message
    assert_nothing_left(sent, scratch)


def test_forged_cells_are_refused(sent: Path, scratch: Path) -> None:
    assert "已损坏" in str(failure(sent, "writes_garbage_cells"))
    assert_nothing_left(sent, scratch)


def test_last_words_are_kept_but_not_shown(sent: Path) -> None:
    error = failure(sent, "leaves")
    assert "somebody" not in str(error)
    assert "绝密 /home/somebody/secret" in error.__notes__[0]


def test_noise_is_let_through_without_end(sent: Path, scratch: Path) -> None:
    arrived = read_apart(sent, limits=TIGHT, reader=READERS + "writes_much")
    assert len(arrived.cells) == 2
    assert_nothing_left(sent, scratch)


def test_refusals_keep_their_class(sent: Path) -> None:
    with pytest.raises(ChoiceNeededError, match="请选择图层") as choice:
        read_apart(sent, reader=READERS + "needs_choice")
    assert (choice.value.flag, choice.value.options) == ("--layer", ("甲", "乙<b>"))
    with pytest.raises(UsageError, match="没有编码“x”"):
        read_apart(sent, encoding="x", reader=READERS + "wrong_usage")
    assert str(failure(sent, "locked")) == "工作簿已加密"


def test_layers_must_be_a_list_of_names(sent: Path) -> None:
    with pytest.raises(FormatError):
        layers_apart(sent, lister="tests.formats.apart_readers:missing")


@pytest.mark.parametrize("reader", ["loops", "loops_with_child"])
def test_reading_can_be_called_off(sent: Path, scratch: Path, reader: str) -> None:
    told: list[str] = []
    with pytest.raises(ReadingCancelledError, match="已取消"):
        read_apart(
            sent,
            limits=TIGHT,
            cancelled=lambda: bool(told) and sent.with_suffix(".pid").exists(),
            progress=told.append,
            reader=READERS + reader,
        )
    assert told[0] == f"正在读取“{sent.name}”，已用 0 秒"
    assert_nothing_left(sent, scratch)


def test_error_of_the_caller_ends_the_process(sent: Path, scratch: Path) -> None:
    def stop(_: str) -> None:
        if sent.with_suffix(".pid").exists():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_apart(sent, limits=TIGHT, progress=stop, reader=READERS + "loops")
    assert_nothing_left(sent, scratch)


PARENT = """
import sys
from pathlib import Path
from dongtou_geo.formats.apart import read_apart
read_apart(Path(sys.argv[1]), reader="tests.formats.apart_readers:loops_with_child")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the readers' own child outlives it there")
def test_a_killed_parent_takes_its_reader_along(sent: Path, scratch: Path) -> None:
    environ = {**os.environ, "TMPDIR": str(scratch)}
    with subprocess.Popen([sys.executable, "-c", PARENT, sent], cwd=ROOT, env=environ) as parent:
        pids = sent.with_suffix(".pid")
        for _ in range(1500):
            if pids.exists() and len(pids.read_text().split()) == 2:
                break
            time.sleep(0.02)
        reader, other = map(int, pids.read_text().split())
        parent.kill()
    assert gone(reader)
    # The kernel ends the reader only; what that started is the other watch's to end, if it can.
    with suppress(ProcessLookupError):
        os.kill(other, signal.SIGKILL)
    assert [folder.name.split("-")[2] for folder in scratch.iterdir()] == [str(parent.pid)]
    read_apart(sent, reader=READERS + "good")
    assert list(scratch.iterdir()) == []


def test_the_reader_ends_when_its_input_does() -> None:
    """The way that works on every system; here the parent lives on."""
    code = (
        "import sys, time; from dongtou_geo.formats.apart_child import end_with_parent; "
        "end_with_parent(); print(repr(sys.stdin.read()), flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"''"
        process.stdin.close()
        assert process.wait(timeout=30) == NO_OUTCOME


def test_large_file_is_not_opened(sent: Path, scratch: Path) -> None:
    limits = Limits(file_bytes=sent.stat().st_size)
    with pytest.raises(FormatError, match="过大") as caught:
        read_apart(sent, limits=limits, reader=READERS + "loops")
    assert "DONGTOU_GEO_INTAKE_FILE_GIB" in str(caught.value)
    assert not sent.with_suffix(".pid").exists()


def test_parts_of_one_dataset_count_together(tmp_path: Path) -> None:
    shape, table, other = (tmp_path / name for name in ("a.shp", "a.dbf", "b.dbf"))
    for path in (shape, table, other):
        path.write_bytes(b"x" * 600)
    folder = tmp_path / "a.gdb"
    (folder / "deep").mkdir(parents=True)
    for name in ("a00000001.gdbtable", "deep/b"):
        (folder / name).write_bytes(b"x" * 600)
    for path, reader in ((shape, "good"), (folder, "good")):
        with pytest.raises(FormatError, match="过大"):
            read_apart(path, limits=Limits(file_bytes=1200), reader=READERS + reader)
    assert read_apart(other, limits=Limits(file_bytes=1200), reader=READERS + "good").layer


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"无法读取：文件或文件夹不存在$"):
        read_apart(tmp_path / "无.gpkg")


def test_limits_come_from_the_environment() -> None:
    environ = {
        "DONGTOU_GEO_INTAKE_SECONDS": "90",
        "DONGTOU_GEO_INTAKE_MEMORY_GIB": " 1.5 ",
        "DONGTOU_GEO_INTAKE_FILE_GIB": "",
    }
    assert limits_from(environ) == Limits(90.0, 3 * GIB // 2, 4 * GIB)
    assert limits_from({}) == Limits(600.0, 6 * GIB, 4 * GIB)


@pytest.mark.parametrize("text", ["0", "-1", "abc", "nan", "inf", "1e99", "六"])
@pytest.mark.parametrize("name", ["SECONDS", "MEMORY_GIB", "FILE_GIB"])
def test_limits_refuse_nonsense(name: str, text: str) -> None:
    with pytest.raises(UsageError, match=f"DONGTOU_GEO_INTAKE_{name}“{text}”无效，应为"):
        limits_from({f"DONGTOU_GEO_INTAKE_{name}": text})
