"""What LibreOffice makes of our files, and what we make of its files."""

import os
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from dongtou_geo.domain.problem import Severity
from dongtou_geo.formats.marked_workbook import FILLS, write_marked
from dongtou_geo.formats.template import template_fields, write_template
from dongtou_geo.formats.workbook import read_workbook
from dongtou_geo.formats.workbook_writing import write_workbook
from tests.formats.messy_workbook import COLUMNS, ROWS, SHEET, write_messy

SOFFICE = shutil.which("soffice") or "/usr/bin/soffice"

pytestmark = pytest.mark.skipif(
    not os.access(SOFFICE, os.X_OK), reason="未找到 LibreOffice / no LibreOffice (soffice) found"
)

TEXTS = ['=HYPERLINK("http://x.test")', "'; DROP", "一\n二", "𠮷䶮", "007", "_x0041_", "a\u202eb"]


def convert(target: str, folder: Path, *files: Path) -> Path:
    """Let LibreOffice save files in another format; a profile of its own, no network."""
    out = folder / f"as_{target}"
    profile = (folder / "profile").as_uri()
    command = [SOFFICE, "--headless", "--norestore", f"-env:UserInstallation={profile}"]
    command += ["--convert-to", target, "--outdir", str(out), *map(str, files)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return out


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("office")


@pytest.fixture(scope="module")
def as_xlsx(folder: Path) -> Path:
    write_messy(folder / "messy.xlsx")
    found = read_workbook(folder / "messy.xlsx").problems
    write_marked(folder / "messy.xlsx", folder / "marked.xlsx", found)
    write_template(folder / "template.xlsx", {"park_nantang": "南塘工业区"})
    rows = [[f"A{n}", text, date(2019, 5, 20)] for n, text in enumerate(TEXTS)]
    write_workbook(folder / "texts.xlsx", "台账", ["地块编号", "备注", "投产日期"], rows)
    names = ("messy.xlsx", "marked.xlsx", "template.xlsx", "texts.xlsx")
    return convert("xlsx", folder, *(folder / name for name in names))


@pytest.fixture(scope="module")
def as_xls(folder: Path, as_xlsx: Path) -> Path:
    return convert("xls", folder, folder / "messy.xlsx")


def test_messy_workbook_reads_the_same_from_every_program(as_xlsx: Path, as_xls: Path) -> None:
    old, new = read_workbook(as_xls / "messy.xls"), read_workbook(as_xlsx / "messy.xlsx")
    assert new.cells.equals(old.cells)
    assert new.problems == old.problems
    assert list(new.cells) == COLUMNS
    assert new.row_numbers.tolist() == ROWS
    # Its formulas have been calculated on the way; what is left is wrong in itself.
    assert new.cells["面积 亩"].tolist() == [15.5, 20, 30, 12]
    errors = [(p.cell, p.code) for p in new.problems if p.severity is Severity.ERROR]
    assert errors == [(f"{SHEET}!H10", "code_turned_number"), (f"{SHEET}!D11", "cell_error")]


def test_template_opens_and_keeps_its_columns_and_rules(as_xlsx: Path) -> None:
    arrived = read_workbook(as_xlsx / "template.xlsx")
    assert list(arrived.cells) == [field.heading for field in template_fields()]
    assert len(arrived.cells) == 0
    page = load_workbook(as_xlsx / "template.xlsx")["地块台账"]
    kinds = sorted(rule.type for rule in page.data_validations.dataValidation)
    assert kinds == ["date", "date", "list", "list", "list"]
    assert page.column_dimensions["A"].number_format == "@"


def test_texts_and_dates_survive_another_program(as_xlsx: Path) -> None:
    arrived = read_workbook(as_xlsx / "texts.xlsx")
    assert arrived.cells["备注"].tolist() == TEXTS
    assert set(arrived.cells["投产日期"]) == {date(2019, 5, 20)}
    assert arrived.problems == ()


def test_marks_are_found_again_although_the_author_is_lost(as_xlsx: Path, folder: Path) -> None:
    write_marked(as_xlsx / "marked.xlsx", folder / "again.xlsx", [])
    page = load_workbook(folder / "again.xlsx")[SHEET]
    cells = [cell for row in page.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.comment]
    assert not [cell for cell in cells if cell.fill.fgColor.rgb in FILLS.values()]
