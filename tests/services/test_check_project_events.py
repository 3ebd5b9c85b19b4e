"""The check names what is wrong with the table of public reports."""

import shutil
from pathlib import Path

from dongtou_geo import settings
from dongtou_geo.domain.problem import Problem
from dongtou_geo.services.check import check_all
from scripts import seal_geodata

NAME = "geodata/plan/project_events.csv"
GOOD = "16,complete,2018-04-10,day,a.test/1,2018-04-11,medium,甲"
# Every row but the first is wrong in one way: code, field, value.
ROWS = {
    GOOD: None,
    GOOD.replace("16,", "44,"): ("unknown_reference", "no", "44"),
    GOOD.replace("16,", "0,"): ("bad_cell", "no", "0"),
    GOOD.replace("complete", "dream"): ("bad_cell", "kind", "dream"),
    GOOD.replace("complete", "stage"): ("bad_cell", "kind", "stage"),
    GOOD.replace("2018-04-10", "2018-04"): ("bad_cell", "happened_on", "2018-04"),
    GOOD.replace(",day,", ",about,"): ("bad_cell", "precision", "about"),
    GOOD.replace("medium", "sure"): ("bad_cell", "confidence", "sure"),
    GOOD.replace("a.test/1", ""): ("bad_cell", "source_ref", ""),
    GOOD.replace("甲", ""): ("bad_cell", "note", ""),
    GOOD.replace("2018-04-11", "2018-04-09").replace("16", "15"): (
        "reported_before", "reported_on", "2018-04-09",
    ),
    GOOD.replace("甲", "乙"): ("duplicate_value", "kind", "complete"),
    "16,produce,2017-01-01,month,a.test/2,2018-04-11,high,丙": (
        "order_reversed", "happened_on", None,
    ),
    # A lead contradicts nothing, and a year may hold both.
    "17,start,2018-01-01,year,a.test/3,2019-01-01,low,丁": None,
    "17,produce,2017-01-01,day,a.test/4,2019-01-01,high,戊": None,
}  # fmt: skip


def checked(folder: Path, text: str | None) -> list[Problem]:
    geodata = folder / "geodata"
    shutil.copytree(settings.GEODATA, geodata)
    path = geodata / "plan" / "project_events.csv"
    if text is None:
        path.unlink()
    else:
        path.write_text(text, "utf-8")
        seal_geodata.main(geodata)
    return check_all(geodata=geodata, layers=settings.LAYERS)


def test_everything_that_is_wrong_is_named(tmp_path: Path) -> None:
    header = "no,kind,happened_on,precision,source_ref,reported_on,confidence,note"
    found = checked(tmp_path, "\n".join([header, *ROWS]) + "\n")
    assert {problem.file for problem in found} == {NAME}
    assert sorted((p.code, p.field, p.value) for p in found if p.value is not None) == sorted(
        wrong for wrong in ROWS.values() if wrong and wrong[2] is not None
    )
    assert [(p.feature, p.field) for p in found if p.value is None] == [("16", "happened_on")]
    assert all("应为" in problem.message for problem in found)


def test_a_table_that_is_missing_is_named(tmp_path: Path) -> None:
    assert [(p.file, p.code) for p in checked(tmp_path, None)] == [(NAME, "missing_file")]
