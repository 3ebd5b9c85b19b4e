from pathlib import Path

import pytest

from dongtou_geo.errors import DongtouGeoError
from dongtou_geo.services.intake.choices import Choices
from dongtou_geo.services.intake.desk import Desk, confirm, put_down, safe_name, start
from dongtou_geo.services.intake.memory import ColumnMemory
from dongtou_geo.services.ledger_choice import Places
from dongtou_geo.services.shelf import LedgerShelf
from dongtou_geo.store.address import file_url
from dongtou_geo.store.opening import create, open_ledger
from tests.services.intake.arrivals import GROUND, NOW

TABLE = "地块编号,园区,用地面积（亩）\nA-1,南塘,15\n".encode()


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(default=tmp_path / "data" / "ledger.sqlite", sample=tmp_path / "sample.sqlite")


def dropped(tmp_path: Path, name: str = "台账.csv", content: bytes = TABLE) -> Desk:
    return put_down(name, content, ColumnMemory(tmp_path / "columns.json"))


def done(desk: Desk, shelf: LedgerShelf) -> Desk:
    start(desk, shelf, GROUND)
    assert desk.job is not None
    assert desk.job.wait(60)
    desk.settle()
    return desk


def test_without_a_ledger_confirming_makes_one_at_its_place(tmp_path: Path, places: Places) -> None:
    shelf = LedgerShelf(None, places)
    desk = done(dropped(tmp_path), shelf)
    assert desk.examined is not None
    assert not places.default.exists(), "looking makes nothing"
    receipt = confirm(desk, shelf, GROUND, "张三", NOW)
    assert receipt is not None
    assert (receipt.accepted, receipt.rejected, receipt.counts["new"]) == (1, 0, 1)
    assert [p.parcel_no for p in open_ledger(file_url(places.default)).parcels()] == ["A-1"]
    assert shelf.chosen_url() == file_url(places.default)


def test_a_named_ledger_is_the_one_written_to(tmp_path: Path, places: Places) -> None:
    url = create(file_url(tmp_path / "own.sqlite")).url
    shelf = LedgerShelf(url, places)
    confirm(done(dropped(tmp_path), shelf), shelf, GROUND, "张三", NOW)
    assert [p.parcel_no for p in open_ledger(url).parcels()] == ["A-1"]
    assert not places.default.exists()


def test_questions_and_refusals_end_the_job_in_words(tmp_path: Path, places: Places) -> None:
    shelf = LedgerShelf(None, places)
    asked = done(dropped(tmp_path, content="甲,乙\n1,2\n".encode()), shelf)
    assert asked.refused or asked.asked
    refused = done(dropped(tmp_path, "程序.zip", b"MZ\x90\x00"), shelf)
    assert refused.examined is None
    assert refused.refused is not None
    assert "程序.zip" in refused.refused


def test_what_was_said_about_columns_is_kept_when_it_was_confirmed(
    tmp_path: Path, places: Places
) -> None:
    shelf = LedgerShelf(None, places)
    content = "代号,地块编号,用地面积（亩）\nX-1,别的,15\n".encode()
    desk = dropped(tmp_path, content=content)
    desk.choices = Choices(columns={"parcel_no": "代号"})
    confirm(done(desk, shelf), shelf, GROUND, "张三", NOW)
    again = done(dropped(tmp_path, content=content), shelf)
    assert again.examined is not None
    assert again.examined.mapping.fields["parcel_no"].column == "代号"
    assert again.examined.counts()["unchanged"] == 1


def test_a_cancelled_examination_leaves_nothing(tmp_path: Path, places: Places) -> None:
    shelf = LedgerShelf(None, places)
    desk = dropped(tmp_path)
    start(desk, shelf, GROUND)
    assert desk.job is not None
    desk.job.cancel()
    assert desk.job.wait(60)
    try:
        desk.job.result()
    except DongtouGeoError as error:
        assert "取消" in str(error)
    assert not places.default.exists()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"), ("C:\\temp\\台账.xlsx", "台账.xlsx"), ("a/b\\c.zip", "c.zip"),
        ("", "文件"), ("..", "文件"), ("x\x00y\n.csv", "x_y_.csv"), ("甲?*<>|.txt", "甲_____.txt"),
        ("\ud800a.csv", "a.csv"),
    ],
)  # fmt: skip
def test_a_name_names_a_file_and_nothing_else(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_long_name_keeps_its_suffix() -> None:
    safe = safe_name("字" * 400 + ".shp.zip")
    assert safe.endswith(".zip")
    assert len(safe.encode()) < 200
