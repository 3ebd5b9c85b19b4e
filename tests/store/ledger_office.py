"""An office that keeps a ledger and, beside it, sheets of paper: what every rule needs."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

from hypothesis.stateful import RuleBasedStateMachine

from dongtou_geo.domain.day import month_end
from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.errors import EventError
from dongtou_geo.services.record import Clerk, Draft, record
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.writing import ImportStamp
from tests.store.audit import MU_M2, PARKS
from tests.store.land_replay import Land, Line, Opening, Sheet, is_orderly, land_on

FIRST, TODAY = date(2015, 1, 1), date(2026, 6, 1)
OTHER_BASIS = {AreaBasis.LEDGER: AreaBasis.DRAWN, AreaBasis.DRAWN: AreaBasis.LEDGER}
MORNING = datetime(2026, 6, 1, 0, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Deed:
    """What was written together and can be undone together; births come last.

    Entries are the parcels whose register entry it changed, and what they were before.
    """

    kind: str
    lines: tuple[tuple[str, int], ...]
    births: int = 0
    import_id: str = ""
    registered: tuple[str, ...] = ()
    entries: tuple[tuple[str, bool], ...] = ()
    place: int = 0


@dataclass(slots=True)
class EntryChange:
    """One change of a register entry, in the order of recording; by hand where no import made it."""

    number: str
    import_id: str
    stands: bool = True


class Office(RuleBasedStateMachine):
    """One ledger, and the sheets that it is compared with."""

    fresh: ClassVar[Callable[[], Ledger]]
    taken: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.ledger = type(self).fresh()
        self.sheets: dict[str, Sheet] = {}
        self.deeds: list[Deed] = []
        self.entry_changes: list[EntryChange] = []
        self.touched: set[date] = {FIRST}
        self.moment = MORNING
        self.past: list[tuple[datetime, dict[str, tuple[Line, ...]]]] = []

    # Who, when, and which parcel

    def clerk(self) -> Clerk:
        """Whoever works here, a second later."""
        self.moment += timedelta(seconds=1)
        return Clerk("张三", self.moment)

    def now(self, number: str) -> Land:
        """What a parcel is after all its lines."""
        land = land_on(self.sheets[number].standing(), date.max, MU_M2)
        assert land is not None
        return land

    def ready(self, wanted: Callable[[Land], bool] = lambda _land: True) -> list[str]:
        """Living parcels in good order, and of the kind that is wanted."""
        return [
            number
            for number, sheet in self.sheets.items()
            if (lines := sheet.standing())
            and (land := self.now(number)).alive
            and max(line.on for line in lines) < TODAY - timedelta(days=200)
            and is_orderly(lines)
            and wanted(land)
        ]

    def later(self, numbers: Sequence[str], gap: int) -> date:
        """A day after everything that happened to some parcels; often a month's last."""
        lines = [line for number in numbers for line in self.sheets[number].standing()]
        on = max(line.on for line in lines) + timedelta(days=gap)
        return month_end(on) if gap % 3 == 0 else on

    def mendable(self, *, last_only: bool) -> list[tuple[str, Line]]:
        """Lines that a clerk may correct or void one by one: none of a split or merge."""
        tied = {own for deed in self.deeds if deed.births for own in deed.lines}
        return [
            (number, line)
            for number, sheet in self.sheets.items()
            for line in sheet.standing()[-1 if last_only else 0 :]
            if (number, line.number) not in tied
        ]

    def alike(self) -> list[list[str]]:
        """Parcels that could merge: of one park, stage and halt."""
        found: dict[tuple[str | None, str, bool], list[str]] = {}
        for number in self.ready():
            land = self.now(number)
            found.setdefault((land.park, land.stage, land.halted), []).append(number)
        return [numbers for numbers in found.values() if len(numbers) > 1]

    def is_free(self, deed: Deed) -> bool:
        """Whether nothing rests on a deed, so that it can be undone."""
        resting = {*deed.registered, *(number for number, _ in deed.entries)}
        if any(
            change.stands and change.number in resting and change.import_id != deed.import_id
            for change in self.entry_changes[deed.place :]
        ):
            return False
        own = set(deed.lines)
        looked_at = deed.lines[-deed.births :] if deed.births else deed.lines
        return all(
            (number, line.number) in own
            for number, _ in looked_at
            for line in self.sheets[number].standing()
        )

    def undoable(self, kind: str) -> list[Deed]:
        """Deeds of a kind on which nothing rests."""
        return [deed for deed in self.deeds if deed.kind == kind and self.is_free(deed)]

    # Writing

    def written(self, name: str, *days: date) -> None:
        """Count a rule, and have the audit look at its days."""
        self.taken[name] += 1
        self.touched = {*days}

    def put(self, number: str, kind: str, on: date, **given: Any) -> None:
        """Record a line in the ledger and on its sheet."""
        corrects, mu, park = given.get("corrects"), given.get("mu"), given.get("park")
        draft = Draft(
            number,
            EventKind(kind),
            on,
            area_m2=None if mu is None else mu * MU_M2,
            park_id=park,
            supersedes=corrects,
            reason="日期或面积有误" if corrects else None,
        )
        receipt = record(self.ledger, draft, self.clerk(), park_ids=PARKS)
        self.sheets[number].write(Line(receipt.event.event_id, kind, on, mu, park), corrects)

    def forward(self, name: str, number: str, gap: int, **given: Any) -> None:
        """Record what follows all before it: that must be taken."""
        on = self.later([number], gap)
        self.put(number, given.pop("kind", name), on, **given)
        self.written(name, on)

    @contextmanager
    def attempt(self, name: str, *days: date) -> Iterator[None]:
        """Do what may be refused: the audit then finds everything as before."""
        try:
            yield
        except EventError:
            self.taken[f"{name}, refused"] += 1
        else:
            self.written(name, *days)

    def bare(self, *, unmapped: bool) -> Parcel:
        """A new parcel."""
        basis = AreaBasis.LEDGER if unmapped else AreaBasis.DRAWN
        return Parcel(self.number(), Origin.LAND, basis)

    def number(self, further: int = 0) -> str:
        """A number that no parcel has."""
        return f"P-{len(self.sheets) + 1 + further}"

    def change_entries(self, numbers: Sequence[str], import_id: str = "") -> None:
        """Give parcels an outline that have none, and take it from those that have one."""
        clerk = self.clerk()
        with self.ledger.writing() as writer:
            if import_id:
                stamp = ImportStamp(import_id, "乙.shp", "cd" * 32, clerk.now, clerk.name)
                writer.register_import(stamp)
            entries = [writer.parcel(number) for number in numbers]
            turned = [
                replace(entry, area_basis=OTHER_BASIS[entry.area_basis], note=clerk.name)
                for entry in entries
                if entry is not None
            ]
            writer.update_parcels(turned, at=clerk.now, by=clerk.name, import_id=import_id or None)
        before = tuple((number, self.sheets[number].unmapped) for number in numbers)
        if import_id:
            place = len(self.entry_changes)
            self.deeds.append(Deed("import", (), import_id=import_id, entries=before, place=place))
        for number in numbers:
            self.entry_changes.append(EntryChange(number, import_id))
            self.sheets[number].unmapped = not self.sheets[number].unmapped

    def restore_entries(self, deed: Deed) -> None:
        """Let the sheets say again what they said before a deed that is undone."""
        for number, unmapped in deed.entries:
            self.sheets[number].unmapped = unmapped
        for change in self.entry_changes:
            if deed.import_id and change.import_id == deed.import_id:
                change.stands = False

    def born(self, birth: Event, mu: int, park: str | None, opening: Opening) -> None:
        """Begin a child's sheet; nobody drew it."""
        line = Line(birth.event_id, "register", birth.effective_on, mu, park, opening)
        self.sheets[birth.parcel_no] = Sheet(unmapped=True, slots=[[line]])


def whole_of(own: Sequence[Land]) -> Land:
    """Parcels of one park, stage and halt taken as one."""
    whole = Land(own[0].park, sum(land.area for land in own), own[0].stage)
    whole.producing = sum(land.producing for land in own)
    whole.stopped, whole.halted = sum(land.stopped for land in own), own[0].halted
    return whole


def fitting(whole: Land, differs: int) -> int:
    """A difference that children may have from their parents, such that their parts stay whole."""
    small = abs(differs) * 10 < whole.area
    return differs if small and (whole.free or not whole.stopped) else 0


def shared_out(whole: Land, parts: Sequence[int]) -> list[Opening]:
    """What each child begins with: the first gets as much of what produces as it can hold."""
    total = sum(parts)
    used_whole = not whole.free and not whole.stopped
    producing = total if used_whole else min(whole.producing, total)
    stopped = min(whole.stopped, total - producing)
    openings = []
    for mu in parts:
        own = min(mu, producing)
        idle = min(mu - own, stopped)
        producing, stopped = producing - own, stopped - idle
        openings.append(Opening(whole.stage, own, idle, whole.halted))
    return openings
