"""The cells of a file as values of the ledger's fields: one array a field, all rows at once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dongtou_geo.domain.cell import (
    EARLIEST,
    LATEST,
    LONGEST_NUMBER,
    LONGEST_TEXT,
    M2_PER_UNIT,
    Day,
    Refused,
    Text,
    read_amount,
    read_day,
    read_number,
    read_text,
    says_not_yet,
)
from dongtou_geo.domain.ledger_field import LEDGER_FIELDS, SUPPLY_MODES, FieldKind
from dongtou_geo.domain.parcel import Origin
from dongtou_geo.domain.problem import Severity
from dongtou_geo.formats.arrived import Arrived
from dongtou_geo.services.intake.findings import Findings
from dongtou_geo.services.intake.mapping import ColumnMapping, Mapped, units_of

Days = NDArray[np.datetime64]
Floats = NDArray[np.float64]
Objects = NDArray[np.object_]

_BARE_MONTH = re.compile(r"\d{4}\.1")
_MU_M2 = M2_PER_UNIT["亩"]
_OUTSIDE_PARKS = ("园区外", "无", "/", "-")
_ORIGINS: dict[str, str] = {
    **dict.fromkeys(("land", "陆地", "陆域", "陆域土地", "土地", "陆"), Origin.LAND.value),
    **dict.fromkeys(
        ("filled_sea", "填海", "海域", "填海造地", "围填海", "围垦", "围海", "填海形成"),
        Origin.FILLED_SEA,
    ),
}
_SUPPLY_WORDS = {
    **{mode: mode for mode in SUPPLY_MODES},
    **dict.fromkeys(
        ("挂牌", "拍卖", "招标", "招拍挂", "协议", "协议出让", "挂牌出让", "拍卖出让"), "出让"
    ),
    **dict.fromkeys(("行政划拨", "划拨供地"), "划拨"),
    **dict.fromkeys(("出租", "租赁供地"), "租赁"),
}


@dataclass(slots=True)
class Values:
    """The values of all rows, by field; a field that the file lacks is absent.

    Parameters
    ----------
    numbers : ndarray of object
        parcel_no, or None.
    texts : dict of str to ndarray of object
        str or None; park_id holds ids, origin holds ``Origin`` values.
    days : dict of str to ndarray of datetime64[D]
        NaT where there is none.
    month_only : dict of str to ndarray of bool
        Where only the month was written.
    amounts : dict of str to ndarray of float
        In the field's own unit (m2, 亩, 万元); NaN where there is none.
    """

    numbers: Objects
    texts: dict[str, Objects] = field(default_factory=dict)
    days: dict[str, Days] = field(default_factory=dict)
    month_only: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    amounts: dict[str, Floats] = field(default_factory=dict)


def read_values(
    arrived: Arrived,
    mapping: ColumnMapping,
    findings: Findings,
    park_names: Mapping[str, str],
) -> Values:
    """Read every mapped column; what cannot be read is noted and rejects its row.

    Parameters
    ----------
    arrived : Arrived
        The file.
    mapping : ColumnMapping
        Which column is which field.
    findings : Findings
        Added to.
    park_names : mapping of str to str
        Park id to name.

    Returns
    -------
    Values
        One array a field.
    """
    count = len(arrived.cells)
    # Of the tables only a CSV has an encoding of its own.
    untyped = bool(arrived.column_letters) and arrived.encoding is not None
    values = Values(np.full(count, None, dtype=object))
    for name, mapped in mapping.fields.items():
        cells, kind = arrived.cells[mapped.column], LEDGER_FIELDS[name].kind
        reading = _Reading(name, mapped, cells, findings, untyped=untyped)
        if name == "parcel_no":
            values.numbers = reading.numbers()
        elif kind is FieldKind.DAY:
            values.days[name], values.month_only[name] = reading.days()
        elif kind is FieldKind.TEXT:
            values.texts[name] = reading.texts()
        elif kind is FieldKind.CHOICE:
            values.texts[name] = _choice(reading, park_names)
        else:
            values.amounts[name] = reading.amounts()
    _tell_columns(mapping, findings)
    return values


def _tell_columns(mapping: ColumnMapping, findings: Findings) -> None:
    for column in mapping.typed_status:
        findings.about_file(
            "typed_status_ignored",
            Severity.WARNING,
            f"列“{column}”是手工填写的状态或比例，已忽略；状态由日期得出",
        )
    for other, taken in mapping.rivals.items():
        findings.about_file(
            "column_rival",
            Severity.INFO,
            f"列“{other}”与“{taken}”含义相近，采用“{taken}”，前者未读入",
        )
    for name, mapped in mapping.fields.items():
        if mapped.assumed:
            findings.about_file(
                "unit_assumed",
                Severity.WARNING,
                f"列“{mapped.column}”没有写明单位，按{mapped.unit}读入；"
                f"如不是，请用 --map {name}={mapped.column}:单位 指明",
            )


class _Reading:
    """One column of a file, read as one field."""

    def __init__(
        self, name: str, mapped: Mapped, cells: pd.Series, findings: Findings, *, untyped: bool
    ) -> None:
        self.name, self.mapped, self.cells, self.findings = name, mapped, cells, findings
        self.label = LEDGER_FIELDS[name].label
        self.untyped = untyped

    def numbers(self) -> Objects:
        found = self._all_plain(LONGEST_NUMBER, numbers=True)
        return self._kept(read_number) if found is None else found

    def texts(self) -> Objects:
        found = self._all_plain(LONGEST_TEXT, numbers=False)
        return self._kept(read_text) if found is None else found

    def days(self) -> tuple[Days, NDArray[np.bool_]]:
        if pd.api.types.is_datetime64_any_dtype(self.cells.dtype):
            return self._typed_days()
        codes, kinds = _distinct(self.cells)
        read = [self._day(value) for value in kinds]
        self._refuse(codes, read)
        found = [result if isinstance(result, Day) else Day(None) for result in read]
        on = np.array([day.on or "NaT" for day in found], dtype="datetime64[D]")
        month = np.array([day.month_only for day in found], dtype=bool)
        self._warn(
            codes, month, "month_only", f"{self.label}只写到月，按当月 1 日计，精度保留为“月”"
        )
        waiting = np.array([says_not_yet(value) for value in kinds], dtype=bool)
        self._warn(codes, waiting, "not_yet_word", f"{self.label}写的是尚未发生，按空处理",
                   severity=Severity.INFO)  # fmt: skip
        return on[codes], month[codes]

    def _day(self, value: object) -> Day | Refused:
        # A CSV has texts only: 2019.1 may be what is left of the number 2019.10.
        bare = isinstance(value, str) and self.untyped and _BARE_MONTH.fullmatch(value.strip())
        return read_day(float(value) if bare and isinstance(value, str) else value)

    def amounts(self) -> Floats:
        # Counted from the field's own unit: a figure in that unit stays the very figure.
        per_field = _MU_M2 if LEDGER_FIELDS[self.name].kind is FieldKind.AREA_MU else 1.0
        units = {u: m2 / per_field for u, m2 in units_of(LEDGER_FIELDS[self.name]).items()}
        if pd.api.types.is_numeric_dtype(self.cells.dtype):
            return self._typed_amounts(units[self.mapped.unit])
        codes, kinds = _distinct(self.cells)
        read = [read_amount(value, units, self.mapped.unit) for value in kinds]
        self._refuse(codes, read)
        figures = [r if isinstance(r, float) else np.nan for r in read]
        return np.array(figures, dtype=np.float64)[codes]

    def words(
        self, known: Callable[[str], str | None], code: str, expected: str, severity: Severity
    ) -> Objects:
        """Read one of some words; an unknown one is kept where it is only a warning."""
        codes, kinds = _distinct(self.cells)
        texts = [read_text(value) for value in kinds]
        said = [text.value if isinstance(text, Text) else "" for text in texts]
        found = [None if word is None else known(_bare(word)) for word in said]
        unknown = np.array(
            [w is not None and f is None for w, f in zip(said, found, strict=True)], dtype=bool
        )
        self.findings.add(
            code, severity, np.flatnonzero(unknown[codes]),
            lambda at: f"{self.label}“{_shown(said[codes[at]])}”不认识，应为{expected}",
            column=self.mapped.column,
        )  # fmt: skip
        return _objects([f if f is not None else w for w, f in zip(said, found, strict=True)])[
            codes
        ]

    def _all_plain(self, longest: int, *, numbers: bool) -> Objects | None:
        """Return the cells as they are where nothing in any of them needs reading, else None."""
        values: Objects = self.cells.astype(object).where(self.cells.notna(), None).to_numpy()
        texts = [value for value in values if value is not None]
        if not all(type(value) is str for value in texts):
            return None
        # One look at all of it is a hundred times quicker than one at each.
        whole = "".join(texts)
        plain = whole.isprintable() and max(map(len, texts), default=0) <= longest
        if plain and numbers:
            plain = " " not in whole and unicodedata.is_normalized("NFKC", whole)
        return values if plain and all(map(str.strip, texts)) else None

    def _kept(self, read_one: Callable[[object], Text | Refused]) -> Objects:
        codes, kinds = _distinct(self.cells)
        read = [read_one(value) for value in kinds]
        self._refuse(codes, read)
        cleaned = np.array([isinstance(r, Text) and r.cleaned for r in read], dtype=bool)
        self._warn(codes, cleaned, "characters_removed", f"{self.label}含看不见的控制字符，已去掉")
        return _objects([r.value if isinstance(r, Text) else None for r in read])[codes]

    def _typed_days(self) -> tuple[Days, NDArray[np.bool_]]:
        cells = self.cells.dt.tz_localize(None) if self.cells.dt.tz is not None else self.cells
        on = cells.to_numpy().astype("datetime64[D]")
        outside = (on < np.datetime64(EARLIEST)) | (on > np.datetime64(LATEST))
        self.findings.add(
            "day_unreadable", Severity.ERROR, np.flatnonzero(outside),
            lambda at: f"{self.label}“{on[at]}”不在 {EARLIEST} 至 {LATEST} 之间",
            column=self.mapped.column,
        )  # fmt: skip
        on[outside] = np.datetime64("NaT")
        return on, np.zeros(len(on), dtype=bool)

    def _typed_amounts(self, factor: float) -> Floats:
        figures = self.cells.to_numpy(dtype=np.float64, na_value=np.nan)

        def shown(at: int) -> str:
            words = "是负数，应不小于 0" if figures[at] < 0 else "不是有限的数，应为普通数字"
            return f"{self.label}“{figures[at]:g}”{words}"

        for code, wrong in (
            ("figure_negative", figures < 0),
            ("figure_unreadable", figures == np.inf),
        ):
            self.findings.add(
                code, Severity.ERROR, np.flatnonzero(wrong), shown, column=self.mapped.column
            )
        figures = np.where(np.isfinite(figures) & (figures >= 0), figures, np.nan)
        return np.asarray(figures * factor, dtype=np.float64)

    def _refuse(self, codes: NDArray[np.intp], read: list) -> None:  # type: ignore[type-arg]  # any result
        wrong = np.array([isinstance(result, Refused) for result in read], dtype=bool)
        for at in np.flatnonzero(wrong[codes]):
            refused = read[codes[at]]
            self.findings.add(
                refused.code, Severity.ERROR, [int(at)], f"{self.label}{refused.message}",
                column=self.mapped.column,
            )  # fmt: skip

    def _warn(
        self, codes: NDArray[np.intp], which: NDArray[np.bool_], code: str, message: str,
        severity: Severity = Severity.WARNING,
    ) -> None:  # fmt: skip
        if which.any():
            rows = np.flatnonzero(which[codes])
            self.findings.add(code, severity, rows, message, column=self.mapped.column)


def _choice(reading: _Reading, park_names: Mapping[str, str]) -> Objects:
    if reading.name == "origin":
        return reading.words(_ORIGINS.get, "unknown_origin", "陆地或填海", Severity.ERROR)
    if reading.name == "supply_mode":
        expected = "、".join(SUPPLY_MODES) + " 之一；已照原文保留"
        return reading.words(_SUPPLY_WORDS.get, "unknown_supply_mode", expected, Severity.WARNING)
    expected = "、".join([*park_names.values(), "园区外"]) + " 之一"
    found = reading.words(
        lambda word: _park(word, park_names), "unknown_park", expected, Severity.ERROR
    )
    found[found == ""] = None
    return found


def _park(word: str, park_names: Mapping[str, str]) -> str | None:
    """Return the park that a word means: its id, its name, or a part that no other name has."""
    if word in _OUTSIDE_PARKS:
        return ""
    exact = [id_ for id_, name in park_names.items() if word in (_bare(id_), _bare(name))]
    parts = [id_ for id_, name in park_names.items() if len(word) > 1 and word in _bare(name)]
    longer = [id_ for id_, name in park_names.items() if _bare(name) in word]
    for found in (exact, parts, longer):
        if len(found) == 1:
            return found[0]
    return None


def _bare(word: str) -> str:
    return "".join(unicodedata.normalize("NFKC", word).split()).casefold()


def _shown(word: str | None) -> str:
    line = " ".join((word or "").split())
    return line if len(line) <= 40 else f"{line[:40]}…"


def _objects(values: list[str | None]) -> Objects:
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found


def _distinct(cells: pd.Series) -> tuple[NDArray[np.intp], list[object]]:
    """Return each row's position among the distinct values, and these; 1 and True are two."""
    if cells.dtype == "str":
        found, texts = pd.factorize(cells, use_na_sentinel=False)
        return found, [None if text != text else text for text in texts]  # noqa: PLR0124 - NaN
    known: dict[tuple[type, object], int] = {}
    codes = np.empty(len(cells), dtype=np.intp)
    values: list[object] = []
    for at, value in enumerate(cells.astype(object)):
        missing = value is None or value is pd.NA or value is pd.NaT or value != value  # noqa: PLR0124 - NaN
        key = (type(None), None) if missing else (type(value), value)
        code = known.get(key)
        if code is None:
            code = known[key] = len(values)
            values.append(None if missing else _scalar(value))
        codes[at] = code
    return codes, values


def _scalar(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else value
