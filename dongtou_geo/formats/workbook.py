"""Workbooks and CSV files that land offices send: the one table in them, cell by cell."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

from defusedxml import DefusedXmlException

from dongtou_geo.domain.ledger_field import LEDGER_FIELDS
from dongtou_geo.domain.os_words import os_words
from dongtou_geo.errors import DongtouGeoError
from dongtou_geo.formats.arrived import Arrived, ChoiceNeededError, FormatError
from dongtou_geo.formats.csv_text import open_csv
from dongtou_geo.formats.workbook_cells import Book, Grid
from dongtou_geo.formats.workbook_heads import HEAD_ROWS_SEARCHED, Head, find_head
from dongtou_geo.formats.workbook_rows import table_of
from dongtou_geo.formats.workbook_xls import open_xls
from dongtou_geo.formats.workbook_xlsx import open_xlsx

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Workbooks of Excel 2 to 4 are a bare stream that begins with its version.
_BARE_BIFF = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08")
_MARKUP = (b"<", b"\xef\xbb\xbf<", b"\xff\xfe<\x00")


def sheets_of(path: Path) -> list[str]:
    """List the worksheets of a workbook.

    Parameters
    ----------
    path : Path
        .xlsx, .xlsm, .xls or .csv; what the file holds decides, not its name.

    Returns
    -------
    list of str
        Names in order, hidden ones too; a CSV file has one, named by the file's stem.

    Raises
    ------
    FormatError
        If the file cannot be read.
    """
    with open_book(path) as book:
        return list(book.sheets)


def read_workbook(path: Path, *, sheet: str | None = None, encoding: str = "auto") -> Arrived:
    """Read the table of parcels in a workbook.

    Parameters
    ----------
    path : Path
        .xlsx, .xlsm, .xls or .csv; what the file holds decides, not its name.
    sheet : str, optional
        Name of the worksheet; None = the one visible sheet that has such a table.
    encoding : str
        Of a CSV file; ``auto`` decides by its bytes.

    Returns
    -------
    Arrived
        The table's rows, with worksheet rows and column letters.

    Raises
    ------
    FormatError
        If the file cannot be read, is locked by a password, or has no table with a column of
        parcel numbers.
    ChoiceNeededError
        If several sheets have one, or the named sheet does not exist.
    """
    with open_book(path, encoding) as book:
        grid, head = _chosen(book, sheet)
        arrived = table_of(grid, head)
        return replace(
            arrived,
            encoding=book.encoding,
            encoding_reason=book.encoding_reason,
            problems=book.problems + arrived.problems,
        )


@contextmanager
def open_book(path: Path, encoding: str = "auto") -> Iterator[Book]:
    """Open a workbook by what it is, not by what it is called.

    Parameters
    ----------
    path : Path
        The file.
    encoding : str
        Of a CSV file.

    Yields
    ------
    Book
        Good until the block is left.

    Raises
    ------
    FormatError
        If the file cannot be read.
    """
    with ExitStack() as stack:
        with told_in_chinese(path):
            book = stack.enter_context(_opener(path, encoding))

        def grid(name: str) -> Grid:
            with told_in_chinese(path):
                return book.grid(name)

        yield replace(book, grid=grid)


def _opener(path: Path, encoding: str) -> AbstractContextManager[Book]:
    with path.open("rb") as file:
        start = file.read(16)
    if start.startswith(_ZIP):
        return open_xlsx(path)
    if start.startswith((_OLE, *_BARE_BIFF)):
        return nullcontext(open_xls(path))
    if start.lstrip().startswith(_MARKUP):
        msg = f"{path.name} 实为网页或 XML 文本，不是工作簿；请用 Excel 打开后另存为 .xlsx 再导入"
        raise FormatError(msg)
    return nullcontext(open_csv(path, encoding))


@contextmanager
def told_in_chinese(path: Path) -> Iterator[None]:
    """Turn whatever the libraries raise on a damaged file into one Chinese sentence.

    Parameters
    ----------
    path : Path
        The file that is read in the block.

    Yields
    ------
    None
        Their warnings are silent meanwhile.

    Raises
    ------
    FormatError
        In place of any error that is not ours.
    """
    try:
        with warnings.catch_warnings():
            # openpyxl warns of looks that it does not know; none of them is a cell.
            warnings.simplefilter("ignore")
            yield
    except (DongtouGeoError, MemoryError):
        raise
    except FileNotFoundError as error:
        msg = f"找不到文件 {path.name}"
        raise FormatError(msg) from error
    except zipfile.BadZipFile as error:
        msg = f"{path.name} 已损坏或没有传完整，无法打开，请重新发送"
        raise FormatError(msg) from error
    except DefusedXmlException as error:
        msg = (
            f"{path.name} 里的 XML 带有文档类型声明或实体（DTD），Excel 不会写出这样的文件，"
            "不能读取；请用 Excel 打开后另存为 .xlsx 再导入"
        )
        raise FormatError(msg) from error
    except RuntimeError as error:
        # zipfile has no exception of its own for a part that is encrypted.
        what = "有密码，请取消密码后再导入" if "password" in str(error) else "已损坏，请重新发送"
        msg = f"{path.name} 无法读取：{what}"
        raise FormatError(msg) from error
    except OSError as error:
        if error.errno is None:
            raise _damaged(path) from error
        msg = f"{path.name} 无法读取：{os_words(error)}"
        raise FormatError(msg) from error
    except Exception as error:
        # openpyxl, xlrd and zipfile meet a damaged file with anything from KeyError to
        # struct.error; to the sender all of it means the same.
        raise _damaged(path) from error


def _damaged(path: Path) -> FormatError:
    return FormatError(
        f"{path.name} 无法作为工作簿读取，内容已损坏或不是 Excel 写出的，"
        "请用 Excel 打开后另存为 .xlsx 再导入"
    )


def _chosen(book: Book, sheet: str | None) -> tuple[Grid, Head]:
    if sheet is not None:
        return _named(book, sheet)
    found = []
    for name, visible in book.sheets.items():
        if visible:
            grid = book.grid(name)
            head = find_head(grid)
            if head is not None:
                found.append((grid, head))
    if not found:
        raise FormatError(_no_table(book.sheets))
    if len(found) > 1:
        names = tuple(grid.name for grid, _ in found)
        msg = f"文件中有 {len(names)} 张工作表是地块表：{'、'.join(names)}，请用 --layer 指明一张"
        raise ChoiceNeededError(msg, "--layer", names)
    return found[0]


def _named(book: Book, sheet: str) -> tuple[Grid, Head]:
    if sheet not in book.sheets:
        names = tuple(book.sheets)
        msg = f"文件中没有工作表“{sheet}”，有：{'、'.join(names)}，请用 --layer 指明一张"
        raise ChoiceNeededError(msg, "--layer", names)
    grid = book.grid(sheet)
    head = find_head(grid)
    if head is None:
        raise FormatError(_no_table([sheet]))
    return grid, head


def _no_table(sheets: Iterable[str]) -> str:
    number = LEDGER_FIELDS["parcel_no"]
    others = "、".join(item.label for item in list(LEDGER_FIELDS.values())[1:12])
    return (
        f"工作表 {'、'.join(sheets)} 的前 {HEAD_ROWS_SEARCHED} 行里没有找到表头：应有一行含"
        f"“{number.label}”（或 {'、'.join(number.aliases[:5])}），并至少含另一个认得的列名，如 {others}"
    )
