"""check, progress, sample, serve: what they print, and what becomes of what cannot be printed."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dongtou_geo import settings
from dongtou_geo.cli import main
from dongtou_geo.services import serving
from dongtou_geo.services.sample import make_sample
from dongtou_geo.store.address import file_url

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def sample_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("sample") / "sample.sqlite"
    make_sample(path)
    return file_url(path)


def said(capsys: Capture, *words: str) -> tuple[int, str, str]:
    code = main(words)
    out, err = capsys.readouterr()
    return code, out, err


def test_land_outside_the_parks_has_no_rate_and_is_not_unreported(
    capsys: Capture, sample_url: str
) -> None:
    code, out, _ = said(capsys, "progress", "--ledger", sample_url)
    assert code == 0
    lines = {line.split("：", 1)[0]: line for line in out.splitlines()}
    assert "投产率（规划口径）—，" in lines["园区外"]
    assert "未填报" not in lines["园区外"]
    assert "投产率（规划口径）未填报，" in lines["轨道交通装备产业示范区"]


@pytest.mark.parametrize(
    ("given", "header"),
    [
        ([], "截至 2026-06-30（示例数据）"),
        (
            ["--as-of", "2024-12-31", "--known-at", "2025-03-31"],
            "截至 2024-12-31，按 2025-03-31 所知（示例数据）",
        ),
        (
            ["--as-of", "2024-12-31", "--known-at", "2025-03-31T01:30Z"],
            "截至 2024-12-31，按 2025-03-31 09:30 所知（示例数据）",
        ),
    ],
)
def test_the_header_says_by_whose_knowledge(
    capsys: Capture, sample_url: str, given: list[str], header: str
) -> None:
    _, out, _ = said(capsys, "progress", "--ledger", sample_url, *given)
    assert out.splitlines()[0] == header


@pytest.mark.parametrize(
    "text", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00+14:00", "20240331"]
)
def test_a_moment_at_the_end_of_time_is_one_line_and_exit_2(capsys: Capture, text: str) -> None:
    code, out, err = said(capsys, "progress", "--json", "--known-at", text)
    assert (code, out, err.count("\n")) == (2, "", 1)


@pytest.mark.parametrize("port", ["0", "65536", "99999", "-5", "http", "80.5", ""])
def test_a_port_that_is_none_is_refused_before_anything_starts(capsys: Capture, port: str) -> None:
    code, out, err = said(capsys, "serve", f"--port={port}")
    assert (code, out) == (2, "")
    assert err == f"端口“{port}”无效，应为 1-65535 的整数\n"


@pytest.mark.parametrize("host", ["0.0.0.0", "::1", "::", "", "192.168.1.5", "example.com"])
def test_another_host_is_refused(capsys: Capture, host: str) -> None:
    code, _, err = said(capsys, "serve", f"--host={host}")
    assert (code, f"“{host}”" in err, "尚无登录功能" in err) == (2, True, True)


def test_serving_hands_on_an_absolute_ledger(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr(serving, "serve", lambda **words: given.update(words))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DONGTOU_GEO_LEDGER", "sqlite:///x.sqlite")
    monkeypatch.setenv("DONGTOU_GEO_PORT", "9001")
    assert main(["serve", "--host", "localhost"]) == 0
    assert given == {
        "host": "localhost",
        "port": 9001,
        "prefix": "",
        "ledger_url": file_url(tmp_path / "x.sqlite"),
    }


def run(*words: str, stdout: Any, unbuffered: bool) -> subprocess.CompletedProcess[str]:
    environ = {k: v for k, v in os.environ.items() if not k.startswith("DONGTOU_GEO_")}
    environ["PYTHONUNBUFFERED"] = "1" if unbuffered else ""
    return subprocess.run(
        [sys.executable, "-m", "dongtou_geo", *words],
        cwd=settings.ROOT,
        env=environ,
        stdout=stdout,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        check=False,
    )


if Path("/dev/full").exists():  # a disk without room, as Linux lends it

    @pytest.mark.parametrize("unbuffered", [False, True])
    @pytest.mark.parametrize("words", [["--help"], ["--version"], ["progress", "--json"]])
    def test_a_full_disk_is_one_line_and_exit_1(words: list[str], unbuffered: bool) -> None:
        with Path("/dev/full").open("w") as full:
            done = run(*words, stdout=full, unbuffered=unbuffered)
        assert done.returncode == 1
        complaints = [line for line in done.stderr.splitlines() if "没有台账" not in line]
        assert len(complaints) == 1
        assert "读写失败" in complaints[0]

    def test_wrong_usage_that_nobody_can_hear_is_still_wrong_usage() -> None:
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(
                [sys.executable, "-m", "dongtou_geo", "bogus"],
                cwd=settings.ROOT,
                stderr=full,
                check=False,
            )
        assert done.returncode == 2


def test_a_reader_who_leaves_early_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as pipe:
        done = run("progress", "--json", stdout=pipe, unbuffered=False)
    assert done.returncode == 0
    assert [line for line in done.stderr.splitlines() if "没有台账" not in line] == []


def test_a_clean_check_is_an_empty_document(capsys: Capture) -> None:
    assert said(capsys, "check", "--json") == (0, "[]\n", "")
    code, out, err = said(capsys, "check")
    assert (code, out.count("\n"), err) == (0, 1, "")
