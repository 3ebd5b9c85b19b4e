"""``report``: the deck and the sheets from the command line, and what it refuses."""

from io import BytesIO
from pathlib import Path

import pytest
from pptx import Presentation

from dongtou_geo.cli import main
from dongtou_geo.services.sample import make_sample
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import LedgerIdentity
from dongtou_geo.store.opening import create

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def sample_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("ledger") / "sample.sqlite"
    make_sample(path)
    return file_url(path)


def said(capsys: Capture, *words: str) -> tuple[int, str, str]:
    code = main(["report", *words])
    out, err = capsys.readouterr()
    return code, out, err


def titles(path: Path) -> list[str]:
    slides = Presentation(BytesIO(path.read_bytes())).slides
    return [slide.shapes.title.text_frame.text for slide in slides]


def test_the_deck_of_the_sample_is_of_its_last_day_and_says_that_it_is_one(
    capsys: Capture, sample_url: str, tmp_path: Path
) -> None:
    out = tmp_path / "汇报.pptx"
    out.write_bytes(b"the last one")
    code, told, err = said(capsys, "deck", str(out), "--ledger", sample_url)
    assert (code, err) == (0, "")
    assert told == f"已生成：{out}，12 页，截至 2026-06-30（示例数据）\n"
    assert titles(out)[4] == "南塘工业区"
    assert list(tmp_path.iterdir()) == [out]


def test_an_empty_ledger_makes_a_deck_of_unreported_parks(capsys: Capture, tmp_path: Path) -> None:
    url = file_url(tmp_path / "empty.sqlite")
    create(url, LedgerIdentity("leer"))
    out = tmp_path / "deck.pptx"
    code, _told, err = said(capsys, "deck", str(out), "--ledger", url, "--as-of", "2020-12-31")
    assert (code, err) == (0, "")
    park = Presentation(BytesIO(out.read_bytes())).slides[4]
    words = [shape.text_frame.text for shape in park.shapes if shape.has_text_frame]
    assert "未填报" in words
    assert any(text.startswith("台账版本 leer-0 · 尚无记录 · 截至 2020-12-31") for text in words)
    assert "示例" not in words


def test_sheets_are_a_pdf_or_a_folder_of_pictures(
    capsys: Capture, sample_url: str, tmp_path: Path
) -> None:
    pdf, folder = tmp_path / "各页.pdf", tmp_path / "图片"
    assert said(capsys, "sheets", str(pdf), "--ledger", sample_url)[0] == 0
    assert pdf.read_bytes().startswith(b"%PDF")
    assert said(capsys, "sheets", str(folder), "--ledger", sample_url)[0] == 0
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) == 12
    assert names[0] == "01-封面.png"
    assert names[4] == "05-南塘工业区.png"


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["deck", "a.ppt"], "应为 .pptx"),
        (["deck", "a"], "应为 .pptx"),
        (["sheets", "a.docx"], ".pdf"),
        (["deck"], "缺少"),
        (["brief", "a.docx"], "不能是"),
        (["deck", "a.pptx", "--as-of", "2018"], "应形如"),
        ([], "缺少"),
    ],
)
def test_wrong_words_are_wrong_usage_and_write_nothing(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], part: str
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = said(capsys, *words)
    assert (code, out) == (2, "")
    assert part in err
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_said_in_one_line(
    capsys: Capture, sample_url: str, tmp_path: Path
) -> None:
    out = tmp_path / "nowhere" / "deck.pptx"
    code, told, err = said(capsys, "deck", str(out), "--ledger", sample_url)
    assert (code, told) == (1, "")
    assert str(out) in err
    assert err.count("\n") == 1
