"""The command ``map``: formats by suffix, words that do not fit, files that cannot be written."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from dongtou_geo.cli import main
from dongtou_geo.domain.day import day_here
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


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("图.html", b"<!DOCTYPE html>"),
        ("图.PNG", b"\x89PNG"),
        ("图.pdf", b"%PDF"),
        ("图.svg", b"<?xml"),
    ],
)
def test_the_suffix_chooses_the_format(
    capsys: Capture, sample_url: str, tmp_path: Path, name: str, start: bytes
) -> None:
    target = tmp_path / "图" / name
    target.parent.mkdir()
    code, out, err = said(capsys, "map", str(target), "--ledger", sample_url)
    assert (code, err) == (0, "")
    assert out == f"已出图：{target}，截至 2026-06-30（示例数据）\n"
    assert target.read_bytes().lstrip().startswith(start)
    assert [path.name for path in target.parent.iterdir()] == [name]


def test_without_a_ledger_the_plan_is_drawn_and_a_line_says_so(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dongtou_geo.services import ledger_choice

    nowhere = ledger_choice.Places(tmp_path / "none.sqlite", tmp_path / "no_sample.sqlite")
    monkeypatch.setattr(ledger_choice, "Places", lambda: nowhere)
    monkeypatch.delenv("DONGTOU_GEO_LEDGER", raising=False)
    target = tmp_path / "map.html"
    code, out, err = said(capsys, "map", str(target))
    assert (code, err.count("\n")) == (0, 1)
    assert "没有台账" in err
    assert f"截至 {day_here(datetime.now(UTC))}" in out
    assert "未填报" in target.read_text(encoding="utf-8")


def test_paper_and_dots_are_the_pictures(capsys: Capture, sample_url: str, tmp_path: Path) -> None:
    target = tmp_path / "map.png"
    words = ("--paper", "A3", "--portrait", "--dpi", "72", "--as-of", "2018-12-31")
    code, out, _ = said(capsys, "map", str(target), "--ledger", sample_url, *words)
    assert (code, "截至 2018-12-31" in out) == (0, True)
    with Image.open(target) as picture:
        assert picture.width < picture.height
        assert picture.height == pytest.approx(1190, abs=1)


@pytest.mark.parametrize(
    ("words", "said_of"),
    [
        (["map.docx"], ".html"),
        (["map"], "“map”"),
        ([], "--help"),
        (["map.html", "--paper", "A4"], "--paper"),
        (["map.html", "--portrait"], "--portrait"),
        (["map.pdf", "--dpi", "300"], "--dpi"),
        (["map.png", "--dpi", "10"], "72"),
        (["map.png", "--dpi", "3e2"], "72"),
        (["map.png", "--paper", "A5"], "A3"),
        (["map.html", "--as-of", "2018"], "2018-12-31"),
        (["map.html", "--layers", "towns"], "towns"),
        (["map.html", "--select", "park_moon"], "park_nantang"),
        (["map.png", "--select", "parcel:月-1"], "没有这个地块"),
        (["map.png", "--select", "project_22"], "未上图"),
    ],
)
def test_words_that_do_not_fit_are_one_line_and_exit_2(
    capsys: Capture,
    sample_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    said_of: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = said(capsys, "map", *words, "--ledger", sample_url)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said_of in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", ["html", "pdf"])
def test_a_place_that_cannot_be_written_is_one_line_and_exit_1(
    capsys: Capture, sample_url: str, tmp_path: Path, suffix: str
) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    target = tmp_path / "file" / f"map.{suffix}"
    code, out, err = said(capsys, "map", str(target), "--ledger", sample_url)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert f"文件 {target} 无法写入" in err
    assert (tmp_path / "file").read_text(encoding="utf-8") == "x"


def test_what_cannot_be_printed_leaves_the_former_map(
    capsys: Capture, sample_url: str, tmp_path: Path
) -> None:
    target = tmp_path / "map.pdf"
    target.write_bytes(b"before")
    code, _, _ = said(capsys, "map", str(target), "--ledger", sample_url, "--select", "project_22")
    assert (code, target.read_bytes()) == (2, b"before")
    code, _, _ = said(capsys, "map", str(target), "--ledger", sample_url)
    assert (code, target.read_bytes()[:4]) == (0, b"%PDF")
