"""Find the table in a worksheet: under titles and units, with a head of one to three rows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from openpyxl.utils import get_column_letter

from dongtou_geo.domain.ledger_field import LEDGER_FIELDS
from dongtou_geo.formats.workbook_cells import Block, Grid, Value, blank, rows_with_values

HEAD_ROWS_SEARCHED = 30
HEAD_HEIGHT = 3
LONGEST_NAME = 500

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕")
_UNIT = r"(?:平方公里|平方千米|平方米|公顷|万元|亿元|万亩|亩|元|米|km2|hm2|m2|m²|ha)"
_UNIT_END = re.compile(rf"(?<=.){_UNIT}$")
_ONLY_UNIT = re.compile(rf"\(?{_UNIT}\)?")
# 填报单位 names an office: only a bare 单位 (面积单位, 计量单位) names a unit.
_UNIT_LINE = re.compile(
    rf"(?<![\u4e00-\u9fff])(?:计量|面积|金额)?单位\s*:\s*({_UNIT}(?:\s*[、,/;和]\s*{_UNIT})*)"
)
_NUMBER_LIKE = re.compile(
    r"(?:(?:地块|宗地|图斑)(?:编号|编码|代码|号)|不动产单元(?:号|代码))(?:$|[/、,及和或])"
)
# No name is longer; a paragraph need not be searched for one.
_LONGEST_HEADING = 200
_PARCEL_NO = "parcel_no"


@lru_cache(maxsize=4096)
def plain_heading(text: str) -> str:
    r"""Strip a column's name to the bare word that names it.

    Parameters
    ----------
    text : str
        A heading: ``* 用地面积\n（亩）``.

    Returns
    -------
    str
        NFKC, lower case, without spaces, invisible characters, brackets with what they hold,
        stars and colons: ``用地面积``.
    """
    bare = unicodedata.normalize("NFKC", text[:_LONGEST_HEADING])
    bare = "".join(c for c in bare if not c.isspace() and unicodedata.category(c)[0] != "C")
    bare = _BRACKETS.sub("", bare)
    return bare.strip("*:：、.").casefold()


def _names() -> dict[str, str]:
    names: dict[str, str] = {}
    for item in LEDGER_FIELDS.values():
        for word in (item.name, item.label, *item.aliases):
            names.setdefault(plain_heading(word), item.name)
    return names


_FIELD_OF = _names()


def known_field(text: str) -> str | None:
    """Name the ledger field that a heading stands for.

    Parameters
    ----------
    text : str
        A heading; a unit may follow the name (``面积 亩``).

    Returns
    -------
    str or None
        Contract name; None = unknown.
    """
    plain = plain_heading(text)
    if plain in _FIELD_OF:
        return _FIELD_OF[plain]
    bare = _UNIT_END.sub("", plain)
    if bare in _FIELD_OF:
        return _FIELD_OF[bare]
    return _PARCEL_NO if _NUMBER_LIKE.search(plain) and len(plain) <= 20 else None


def known_fields(texts: Iterable[object]) -> set[str]:
    """Return the contract names of the ledger fields that a row of headings stands for."""
    found = {known_field(text) for text in texts if isinstance(text, str)}
    return {name for name in found if name is not None}


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a table.

    Parameters
    ----------
    top, bottom : int
        First and last worksheet row of the head.
    names : dict of int to str
        Unique names of the columns that have a heading, by column from 1.
    number_column : int
        Where the parcel numbers stand.
    facts : dict of str to str
        ``单位`` where a line above the head names it.
    """

    top: int
    bottom: int
    names: dict[int, str]
    number_column: int
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Line:
    """A row of the sheet's beginning; merged cells show their block's text in every cell."""

    number: int
    own: list[Value]
    shown: list[Value]
    blocks: dict[int, Block] = field(default_factory=dict)


def find_head(grid: Grid) -> Head | None:
    """Find the head among the first rows: the rows that name the most ledger fields.

    Parameters
    ----------
    grid : Grid
        The worksheet.

    Returns
    -------
    Head or None
        None if no row names a parcel number and a second field.
    """
    lines = _opening_lines(grid)
    # In case of a tie fewer rows: a title above or data below must not become part of a name.
    best = max(
        (
            (_score(lines[start : start + height]), -height, -start)
            for start in range(min(len(lines), HEAD_ROWS_SEARCHED))
            for height in range(1, HEAD_HEIGHT + 1)
        ),
        default=(0, 0, 0),
    )
    if not best[0]:
        return None
    first, after = _grown(lines, -best[2], min(-best[2] - best[1], len(lines)))
    return _head(lines[first:after], _facts(lines[:first]))


def _opening_lines(grid: Grid) -> list[_Line]:
    visible = (row for row in rows_with_values(grid) if row[0] not in grid.hidden_rows)
    rows = list(islice(visible, HEAD_ROWS_SEARCHED + HEAD_HEIGHT))
    lines = [_Line(number, cells, list(cells)) for number, cells in rows]
    last = lines[-1].number if lines else 0
    for block in grid.merged:
        if block.top > last:
            continue
        value = grid.at(block.top, block.left)
        width = max((len(line.own) for line in lines), default=0)
        for line in lines:
            if block.top <= line.number <= block.bottom:
                _show(line, block, value, width)
    return lines


def _show(line: _Line, block: Block, value: Value, width: int) -> None:
    # A title merged over more columns than the table has names none of them.
    right = min(block.right, max(width, len(line.shown)))
    line.shown.extend([None] * (right - len(line.shown)))
    for column in range(block.left, right + 1):
        line.shown[column - 1] = value
        line.blocks[column] = block


def _text(value: Value) -> str:
    return " ".join(str(value).split()) if not blank(value) else ""


def _at(cells: Sequence[Value], column: int) -> str:
    return _text(cells[column - 1]) if column <= len(cells) else ""


def _parts(lines: Sequence[_Line], column: int) -> list[str]:
    parts: list[str] = []
    for line in lines:
        part = _at(line.shown, column)
        if part and (
            not parts or plain_heading(part) != plain_heading(parts[-1]) or _is_unit(part)
        ):
            parts.append(part)
    return parts


def _is_unit(text: str) -> bool:
    bare = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()
    return bool(_ONLY_UNIT.fullmatch(bare))


def _field_of(parts: Sequence[str]) -> str | None:
    """Name a column's field by its whole name, else by the last part alone (审批 / 批准日期)."""
    if not parts:
        return None
    return known_field(" ".join(parts)) or known_field(parts[-1])


def _score(lines: Sequence[_Line]) -> int:
    if not lines:
        return 0
    found: set[str] = set()
    fields: set[str] = set()
    for column in range(1, max(len(line.shown) for line in lines) + 1):
        parts = _parts(lines, column)
        name = _field_of(parts)
        if name is not None:
            found.add(plain_heading("".join(parts)))
            fields.add(name)
    return len(found) if len(fields) > 1 and _PARCEL_NO in fields else 0


def _grown(lines: list[_Line], first: int, after: int) -> tuple[int, int]:
    """Add the rows that belong to a head although they name no field: groups above, units below."""
    while after < len(lines) and after - first < HEAD_HEIGHT:
        below = lines[after]
        # A number column merged down to here says so itself, also where the row below makes
        # names of known ones that nobody knows: 面积 over 台账 and 合同.
        grown = _merged_down(lines[first:after], below) or _score(lines[first : after + 1])
        if not grown or not _below_belongs(lines[first:after], below):
            break
        after += 1
    while first and after - first < HEAD_HEIGHT:
        grown = _score(lines[first - 1 : after])
        if not grown or not _above_belongs(lines[first - 1], lines[first:after]):
            break
        first -= 1
    return first, after


def _number_column(lines: Sequence[_Line]) -> int:
    columns = range(1, max(len(line.shown) for line in lines) + 1)
    matches = [c for c in columns if _field_of(_parts(lines, c)) == _PARCEL_NO]
    # 编号 alone may count the rows where another column says 地块编号.
    exact = [c for c in matches if plain_heading("".join(_parts(lines, c))) != "编号"]
    return (exact or matches)[0]


def _merged_down(head: Sequence[_Line], below: _Line) -> bool:
    block = head[-1].blocks.get(_number_column(head))
    return block is not None and block.bottom >= below.number


def _below_belongs(head: Sequence[_Line], below: _Line) -> bool:
    last, column = head[-1], _number_column(head)
    reaching = [block for block in last.blocks.values() if block.bottom >= below.number]
    if _merged_down(head, below):
        return True
    if _at(below.own, column):
        return False
    if any(block.top >= head[0].number for block in reaching):
        return True
    own = [c for c in range(1, len(below.own) + 1) if _at(below.own, c)]
    grouped = [
        c for c in own if (block := last.blocks.get(c)) is not None and block.right > block.left
    ]
    named = [c for c in own if _is_unit(_at(below.own, c)) or known_field(_at(below.own, c))]
    texts = all(isinstance(below.own[c - 1], str) for c in own)
    return texts and bool(own) and set(own) == set(grouped) | set(named)


def _above_belongs(above: _Line, head: Sequence[_Line]) -> bool:
    # A block that runs on below the head stands beside the table: 附表1, written downwards.
    inside = range(head[0].number, head[-1].number + 1)
    if any(block.bottom in inside for block in above.blocks.values()):
        return True
    named = [c for c in range(1, len(head[0].shown) + 1) if _parts(head, c)]
    groups = {
        block: _text(above.shown[block.left - 1])
        for column, block in above.blocks.items()
        if block.right > block.left and column in named
    }
    if not groups or any(":" in unicodedata.normalize("NFKC", text) for text in groups.values()):
        return False
    # One block over (nearly) all columns is the sheet's title.
    widest = max(min(block.right, named[-1]) - block.left + 1 for block in groups)
    return widest < 0.8 * len(named)


def _facts(above: Sequence[_Line]) -> dict[str, str]:
    for line in above:
        for value in line.own:
            found = _UNIT_LINE.search(unicodedata.normalize("NFKC", _text(value)))
            if found:
                return {"单位": "、".join(re.split(r"\s*[、,/;和]\s*", found[1]))}
    return {}


def _head(lines: Sequence[_Line], facts: dict[str, str]) -> Head:
    names: dict[int, str] = {}
    for column in range(1, max(len(line.shown) for line in lines) + 1):
        name = " ".join(_parts(lines, column))
        if name:
            names[column] = unique_name(name, names.values())
    return Head(lines[0].number, lines[-1].number, names, _number_column(lines), facts)


def unique_name(name: str, taken: Iterable[str]) -> str:
    """Return a column's name that no other column has, at most 500 characters long.

    Parameters
    ----------
    name : str
        The name as the file has it.
    taken : iterable of str
        Names of the columns before it.

    Returns
    -------
    str
        The name, followed by ``(2)``, ``(3)`` … where it stood already.
    """
    used = set(taken)
    unique, turn = name[:LONGEST_NAME], 1
    while unique in used:
        turn += 1
        ending = f"({turn})"
        unique = name[: LONGEST_NAME - len(ending)] + ending
    return unique


def nameless(column: int) -> str:
    """Name a column that has cells but no heading, by its letter: ``D列``."""
    return f"{get_column_letter(column)}列"
