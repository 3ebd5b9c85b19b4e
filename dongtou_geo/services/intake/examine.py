"""A file that came in: understood, checked and compared with the ledger; nothing is written."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from dongtou_geo.domain.balance import events_by_parcel
from dongtou_geo.domain.day import day_here
from dongtou_geo.domain.event import standing
from dongtou_geo.domain.intake_problem import IntakeProblem
from dongtou_geo.domain.os_words import os_words
from dongtou_geo.domain.parcel import Origin
from dongtou_geo.domain.problem import Severity
from dongtou_geo.errors import EventError
from dongtou_geo.formats.apart import read_apart
from dongtou_geo.formats.arrived import Arrived, ChoiceNeededError, FormatError
from dongtou_geo.formats.limits import DEFAULT_LIMITS, Limits
from dongtou_geo.services.intake.changes import (
    Moment,
    RowChange,
    RowRefusedError,
    change_of,
)
from dongtou_geo.services.intake.choices import Choices, Ground, check_choices
from dongtou_geo.services.intake.columns import Values, read_values
from dongtou_geo.services.intake.entries import Arrival
from dongtou_geo.services.intake.findings import Findings
from dongtou_geo.services.intake.job import Watch
from dongtou_geo.services.intake.mapping import ColumnMapping, map_columns
from dongtou_geo.services.intake.memory import ColumnMemory
from dongtou_geo.services.intake.outlines import (
    GCJ02,
    Held,
    Placed,
    compare_outlines,
    place,
    suspect_gcj02,
    tell_crossings,
    tell_position,
)
from dongtou_geo.services.intake.rules import (
    Ruling,
    counted_area,
    rule_areas,
    rule_codes,
    rule_missing_stages,
    rule_numbers,
    rule_turns,
    settle_days,
)
from dongtou_geo.store.ledger import Ledger, Snapshot
from dongtou_geo.store.present import entries_of, has_parcels, living_outlines, living_parks

_AT_ONCE = 1 << 20
NOBODY = Watch()


@dataclass(slots=True)
class Examined:
    """Everything there is to say about a file before anybody says yes.

    Parameters
    ----------
    file, sha256 : str
        Name and fingerprint.
    choices : Choices
        As decided.
    arrived : Arrived
        The file as it stood.
    mapping : ColumnMapping
        Which column is which field.
    arrival : Arrival
        The rows, read and measured.
    placed : Placed
        Their outlines.
    problems : list of IntakeProblem
        All findings.
    rejected : ndarray of bool
        Rows that an error keeps out.
    new : ndarray of bool
        Accepted rows of parcels that the ledger does not hold.
    changes : list of RowChange
        Accepted rows of parcels that it holds; those without kinds change nothing.
    missing : tuple of str
        Parcels of the same parks that the ledger holds and the file does not name.
    on : date
        The day on which outlines and parks change.
    ledger_version : str or None
        The ledger that it was compared with.
    """

    file: str
    sha256: str
    choices: Choices
    arrived: Arrived
    mapping: ColumnMapping
    arrival: Arrival
    placed: Placed
    problems: list[IntakeProblem]
    rejected: NDArray[np.bool_]
    new: NDArray[np.bool_]
    changes: list[RowChange]
    missing: tuple[str, ...]
    on: date
    ledger_version: str | None

    @property
    def accepted(self) -> int:
        """Return how many rows no error keeps out."""
        return int((~self.rejected).sum())

    def counts(self) -> dict[str, int]:
        """Return how many parcels are new, changed, unchanged and missing, as the contract names them."""
        changed = [change.kinds for change in self.changes if change.kinds]
        return {
            "new": int(self.new.sum()),
            "geometry": sum("geometry" in kinds for kinds in changed),
            "attributes": sum(bool(kinds - {"geometry"}) for kinds in changed),
            "unchanged": len(self.changes) - len(changed),
            "missing": len(self.missing),
        }


def sha256_of(path: Path) -> str:
    """Return a file's SHA-256, as hexadecimal digits.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    FormatError
        If it cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_AT_ONCE):
                digest.update(block)
    except OSError as error:
        msg = f"文件“{path.name}”无法读取：{os_words(error)}；请核对路径和权限"
        raise FormatError(msg) from error
    return digest.hexdigest()


def examine(
    path: Path,
    ledger: Ledger,
    choices: Choices,
    ground: Ground,
    now: datetime,
    *,
    limits: Limits = DEFAULT_LIMITS,
    memory: ColumnMemory | None = None,
    watch: Watch = NOBODY,
) -> Examined:
    """Read a file and compare it with the ledger.

    Parameters
    ----------
    path : Path
        The file as it arrived.
    ledger : Ledger
        The ledger it is for.
    choices : Choices
        What the clerk decided.
    ground : Ground
        Parks.
    now : datetime
        UTC.
    limits : Limits
        What reading may take.
    memory : ColumnMemory, optional
        What was said about the same columns before; what is chosen now goes before it.
    watch : Watch
        Told of each step, and asked whether to go on.

    Raises
    ------
    ChoiceNeededError
        If somebody must say which layer, coordinates or column is meant.
    DongtouGeoError
        If the file cannot be read, or the ledger.
    """
    check_choices(choices, ground, now)
    watch.tell("读取文件")
    _refuse_unfit(path)
    small = path.stat().st_size < limits.file_bytes  # else reading says what is wrong
    sha256 = sha256_of(path) if small else ""
    arrived = read_apart(
        path,
        layer=choices.layer,
        encoding=choices.encoding,
        limits=limits,
        cancelled=watch.cancelled,
    )
    if memory is not None and not choices.columns:
        columns = [str(column) for column in arrived.cells.columns]
        choices = replace(choices, columns=memory.recall(columns))
    return examine_arrived(arrived, (path.name, sha256), ledger, choices, ground, now, watch=watch)


def _refuse_unfit(path: Path) -> None:
    """Refuse what is no file: a device may never end."""
    if not path.exists():
        msg = f"没有文件“{path.name}”；请核对路径"
    elif not path.is_file():
        msg = f"“{path.name}”不是普通文件；请给出一个文件"
    else:
        return
    raise FormatError(msg)


def examine_arrived(
    arrived: Arrived,
    source: tuple[str, str],
    ledger: Ledger,
    choices: Choices,
    ground: Ground,
    now: datetime,
    *,
    watch: Watch = NOBODY,
) -> Examined:
    """Compare what a file held with the ledger.

    Parameters
    ----------
    arrived : Arrived
        What it held.
    source : tuple of (str, str)
        File name and SHA-256.
    ledger, choices, ground, now, watch
        As for ``examine``.
    """
    check_choices(choices, ground, now)
    today = day_here(now)
    watch.tell("识别字段与坐标")
    mapping = _mapped(arrived, choices)
    findings = Findings(arrived)
    with ThreadPoolExecutor(1) as pool:
        # Outlines keep one core busy outside of Python while cells keep another.
        placing = pool.submit(place, arrived, choices.crs, findings)
        values = read_values(arrived, mapping, findings, ground.park_names)
        placed = placing.result()
    if choices.park_id:
        values.texts["park_id"] = np.full(len(arrived.cells), choices.park_id, dtype=object)
    watch.tell("检查数据")
    if not len(arrived.cells):
        findings.about_file("no_rows", Severity.WARNING, "文件只有表头，没有数据行")
    ruling = Ruling(values, mapping, findings)
    moment = Moment(source[0], choices.registered_on or today, now, "")
    with ledger.reading() as snapshot:
        version = snapshot.stamp().ledger_version
        arrival = _ruled(snapshot, ruling, placed, today)
        watch.tell("与台账比较")
        compared = _compare(snapshot, ruling, arrival, placed, choices, moment)
    _tell_place(placed, values, ground, findings)
    return Examined(
        *source, choices, arrived, mapping, arrival, placed,
        findings.told(list(values.numbers)), findings.rejected,
        compared.new & ~findings.rejected,
        [change for change in compared.changes if not findings.rejected[change.row]],
        compared.missing, moment.on, version,
    )  # fmt: skip


def _tell_place(placed: Placed, values: Values, ground: Ground, findings: Findings) -> None:
    parks = values.texts.get("park_id")
    tell_position(placed, parks, ground.park_outlines, values.numbers, findings)
    tell_crossings(placed, ground.surveyed, findings)


def _ruled(snapshot: Snapshot, ruling: Ruling, placed: Placed, today: date) -> Arrival:
    """Put every row under the rules; what the ledger holds already needs less."""
    values = ruling.values
    rule_numbers(ruling)
    settle_days(ruling, today)
    rule_codes(ruling)
    living = living_parks(snapshot.connection)
    known = np.array([number in living for number in values.numbers], dtype=bool)
    area_m2 = counted_area(ruling, placed.drawn_m2, known)
    rule_areas(ruling, placed.drawn_m2, area_m2)
    return Arrival(values, placed.outlines, area_m2, "park_id" in values.texts)


@dataclass(frozen=True, slots=True)
class _Compared:
    new: NDArray[np.bool_]
    changes: list[RowChange]
    missing: tuple[str, ...]


def _mapped(arrived: Arrived, choices: Choices) -> ColumnMapping:
    mapping = map_columns(arrived, choices.columns)
    if "parcel_no" not in mapping.fields:
        columns = [str(column) for column in arrived.cells.columns]
        msg = f"没有找到地块编号列；文件有 {'、'.join(columns[:30]) or '0 列'}；请用 --map parcel_no=列名 指明"
        raise ChoiceNeededError(msg, "--map", tuple(f"parcel_no={column}" for column in columns))
    return mapping


def _compare(
    snapshot: Snapshot,
    ruling: Ruling,
    arrival: Arrival,
    placed: Placed,
    choices: Choices,
    moment: Moment,
) -> _Compared:
    values, findings = ruling.values, ruling.findings
    if not shapely.is_missing(placed.outlines).all():
        numbers, wkb = living_outlines(snapshot.connection)
        held = Held(
            numbers, np.asarray(shapely.from_wkb(np.array(wkb, dtype=object)), dtype=object)
        )
        _ask_gcj02(placed, values, held, choices)
        compare_outlines(placed, values.numbers, held, findings)
    changes = _changes(snapshot, ruling, arrival, moment)
    known = {change.row for change in changes}
    new = np.array([row not in known for row in range(len(values.numbers))], dtype=bool)
    new &= ~findings.rejected
    _tell_new(ruling, new)
    return _Compared(new, changes, _missing(values, living_parks(snapshot.connection)))


def _ask_gcj02(placed: Placed, values: Values, held: Held, choices: Choices) -> None:
    suspicion = suspect_gcj02(placed, values.numbers, held)
    if suspicion is None or choices.crs != "auto":
        return
    crs = str(placed.crs)
    msg = f"{suspicion}；请用 --crs {crs}{GCJ02} 反算（非测绘精度），或用 --crs {crs} 照原样入库"
    raise ChoiceNeededError(msg, "--crs", (f"{crs}{GCJ02}", crs))


def _changes(
    snapshot: Snapshot, ruling: Ruling, arrival: Arrival, moment: Moment
) -> list[RowChange]:
    """Compare every row whose parcel has lines; refuse those that do not fit them."""
    values, findings = ruling.values, ruling.findings
    if not has_parcels(snapshot.connection):
        return []
    rows = {
        str(number): row
        for row, number in enumerate(values.numbers)
        if number is not None and not findings.rejected[row]
    }
    entries = entries_of(snapshot.connection, list(rows))
    lines = events_by_parcel(snapshot.events(list(entries))) if entries else {}
    changes = []
    for number, entry in entries.items():
        row, own = rows[number], lines.get(number, [])
        if not standing(own):
            continue  # an undone import left its name only
        try:
            changes.append(change_of(arrival, row, own, entry, moment))
        except RowRefusedError as refused:
            findings.add(refused.code, Severity.ERROR, [row], refused.message)
        except EventError as error:
            findings.add("does_not_fit", Severity.ERROR, [row], str(error))
    return changes


def _tell_new(ruling: Ruling, new: NDArray[np.bool_]) -> None:
    values = ruling.values
    rule_turns(ruling, new)
    origin = values.texts.get("origin", np.full(len(new), None, dtype=object))
    rule_missing_stages(ruling, new, np.where(origin == None, Origin.LAND.value, origin))  # noqa: E711 - by element
    parks = values.texts.get("park_id")
    if parks is None and new.any():
        ruling.findings.about_file(
            "park_missing", Severity.WARNING,
            f"文件没有园区列，{int(new.sum())} 宗新地块计入园区外；可用 --park 指明园区",
        )  # fmt: skip


def _missing(values: Values, living: Mapping[str, str | None]) -> tuple[str, ...]:
    """Name parcels of the file's parks that the file does not: they are told, never ended."""
    named = set(values.numbers)
    column = values.texts.get("park_id")
    parks = set(living.values()) if column is None else set(column)
    if column is None:
        parks = {living[number] for number in named if number in living}
    return tuple(
        sorted(number for number, park in living.items() if park in parks and number not in named)
    )
