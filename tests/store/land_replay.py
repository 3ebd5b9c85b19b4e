"""A land account kept by other means than the program's: whole 亩 on sheets of paper.

Shares no code with the program. A line that is corrected is crossed out and written below; when
the correction is struck the crossed-out line counts again. What a parcel holds on a day is read
by going through its sheet, from the first line to the last.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

CHAIN = ("approve", "acquire", "supply", "start", "complete", "produce")
STAGES = ("approved", "acquired", "supplied", "building", "completed")
GONE = ("end", "split", "merge")
# Of the lines of one day: a new outline and another park first, land taken back before it is
# supplied again, then the chain, then what befalls a plant, and last what ends the parcel.
DAY_ORDER = (
    *("register", "redraw", "move_park", "approve", "acquire", "withdraw"),
    *("supply", "start", "complete", "produce"),
    *("halt", "resume", "stop", "restart"),
    *("split", "merge", "end"),
)
FOREVER = date(9999, 12, 31)
# More than this is a difference; up to it a drawn line is only drawn a little off.
NOTICED_M2 = 1


class ContradictionError(Exception):
    """Lines that no parcel can live through."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What a child stands at when it begins."""

    stage: str = "planned"
    producing: int = 0
    stopped: int = 0
    halted: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a sheet; areas in 亩."""

    number: int
    kind: str
    on: date
    mu: Fraction | int | None = None
    park: str | None = None
    opening: Opening = Opening()


@dataclass(slots=True)
class Land:
    """One parcel while its lines are read one after the other."""

    park: str | None
    area: int
    stage: str = "planned"
    producing: int = 0
    stopped: int = 0
    halted: bool = False
    alive: bool = True
    lost: Fraction | int = 0
    since: date = FOREVER

    @property
    def free(self) -> int:
        """What neither produces nor did."""
        return self.area - self.producing - self.stopped

    @property
    def status(self) -> str:
        """The one word for the whole parcel."""
        if not self.alive:
            return "outside"
        if self.producing:
            return "part_used" if self.free else "in_production"
        return "completed" if self.stopped else self.stage

    def accounts(self) -> dict[str, Fraction | int]:
        """Where its land stands, the two accounts that close the books included."""
        held: dict[str, Fraction | int] = {"adjustment": self.lost}
        if self.alive and self.producing + self.stopped:
            held |= {"in_production": self.producing, "completed": self.stopped}
            held["part_used"] = self.free
        elif self.alive:
            held[self.stage] = self.area
        return held | {"outside": -sum(held.values())}

    def happen(self, line: Line, mu_m2: float) -> None:
        """Let one line happen to it."""
        if not self.alive:
            raise ContradictionError(line)
        before = self.status
        if line.kind in GONE:
            self._go(line, mu_m2)
        elif line.kind in CHAIN and line.kind != "produce":
            self.stage, self.halted = STAGES[CHAIN.index(line.kind)], False
            if not self.producing:
                self.stopped = 0
        else:
            getattr(self, f"_{line.kind}")(line)
        if self.status != before:
            self.since = line.on

    def _go(self, line: Line, mu_m2: float) -> None:
        if line.mu is not None and float(abs(self.area - line.mu)) * mu_m2 > NOTICED_M2:
            self.lost = self.area - line.mu
        self.alive, self.halted = False, False
        self.area = self.producing = self.stopped = 0

    def _produce(self, line: Line) -> None:
        mu = self.area if line.mu is None else int(line.mu)
        if mu > self.area:
            raise ContradictionError(line)
        self.stage, self.halted, self.producing = "completed", False, mu
        self.stopped = min(self.stopped, self.area - mu)

    def _stop(self, line: Line) -> None:
        mu = self.producing if line.mu is None else min(int(line.mu), self.producing)
        self.producing, self.stopped = self.producing - mu, self.stopped + mu

    def _restart(self, line: Line) -> None:
        mu = self.stopped if line.mu is None else min(int(line.mu), self.stopped)
        self.producing, self.stopped = self.producing + mu, self.stopped - mu

    def _halt(self, _line: Line) -> None:
        self.halted = True

    def _resume(self, _line: Line) -> None:
        self.halted = False

    def _withdraw(self, _line: Line) -> None:
        self.stage, self.producing, self.stopped, self.halted = "acquired", 0, 0, False

    def _move_park(self, line: Line) -> None:
        self.park = line.park

    def _redraw(self, line: Line) -> None:
        mu = int(line.mu or 0)
        if not self.free and not self.stopped:
            self.producing = mu
        elif mu < self.producing:
            raise ContradictionError(line)
        elif not self.free:
            self.stopped = mu - self.producing
        else:
            self.stopped = min(self.stopped, mu - self.producing)
        self.area = mu


@dataclass(slots=True)
class Sheet:
    """One parcel's lines: each slot holds a line and what it was corrected to, the last counts."""

    unmapped: bool
    slots: list[list[Line]] = field(default_factory=list)

    def standing(self) -> tuple[Line, ...]:
        """The lines that count, in the order in which they took effect."""
        lines = [slot[-1] for slot in self.slots if slot]
        order = sorted(lines, key=lambda line: (line.on, DAY_ORDER.index(line.kind), line.number))
        return tuple(order)

    def write(self, line: Line, corrects: int | None = None) -> None:
        """Write a line, below the one that it corrects."""
        slot = self._slot(corrects) if corrects else []
        slot.append(line)
        if not corrects:
            self.slots.append(slot)

    def strike(self, number: int) -> None:
        """Strike a line that counts: what it corrected counts again."""
        self._slot(number).pop()

    def _slot(self, number: int) -> list[Line]:
        return next(slot for slot in self.slots if slot and slot[-1].number == number)

    @property
    def last_on(self) -> date:
        """The day of the last line that counts."""
        return max(line.on for line in self.standing())


def lands(lines: Iterable[Line], mu_m2: float) -> Iterator[tuple[Line, Land]]:
    """What a parcel is after each of its lines; the same land, which goes on changing."""
    land: Land | None = None
    for line in lines:
        if land is None:
            if line.kind != "register":
                raise ContradictionError(line)
            start = line.opening
            used = (start.producing, start.stopped)
            land = Land(line.park, int(line.mu or 0), start.stage, *used, start.halted)
            land.since = line.on
        elif line.kind == "register":
            raise ContradictionError(line)
        else:
            land.happen(line, mu_m2)
        yield line, land


def land_on(lines: Iterable[Line], on: date, mu_m2: float) -> Land | None:
    """What a parcel is on a day; None before it was registered."""
    known = (line for line in lines if line.on <= on)
    return next((land for _, land in reversed([*lands(known, mu_m2)])), None)


def is_orderly(lines: Iterable[Line]) -> bool:
    """Whether in each life, from one withdrawal to the next, no stage comes before its elder."""
    life: dict[str, date] = {}
    for line in (*lines, Line(0, "withdraw", FOREVER)):
        if line.kind == "withdraw":
            days = [life[kind] for kind in CHAIN if kind in life]
            if days != sorted(days):
                return False
            life = {}
        elif line.kind in CHAIN:
            life.setdefault(line.kind, line.on)
    return True


def stages_left(lines: Iterable[Line]) -> tuple[str, ...]:
    """The stages that can come next in a parcel's present life, production always among them."""
    reached = -1
    for line in lines:
        if line.kind == "withdraw":
            reached = -1
        elif line.kind in CHAIN:
            reached = max(reached, CHAIN.index(line.kind))
    return CHAIN[min(reached + 1, len(CHAIN) - 1) :]
