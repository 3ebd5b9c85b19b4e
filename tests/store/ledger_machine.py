"""A random office at work: every rule of the ledger, and after each step its books are audited."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from dongtou_geo.domain.day import month_end
from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.errors import EventError
from dongtou_geo.services.record import void
from dongtou_geo.services.reshape import Child, Reshaped, merge, split
from dongtou_geo.services.undo import undo, undo_reshape
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.writing import ImportStamp
from tests.store.audit import HOMES, MU_M2, audit, audit_knowledge, audit_rebuilt, lines_of
from tests.store.land_replay import CHAIN, Line, Sheet, stages_left
from tests.store.ledger_office import FIRST, Deed, Office, fitting, shared_out, whole_of

# Every way to change the books that the issue names; each is counted where it was accepted.
RULES = (
    *("register", "import", *CHAIN, "produce a part", "withdraw", "halt", "resume"),
    *("stop", "restart", "move_park", "redraw", "end", "back-date", "correct", "void"),
    *("split", "merge", "undo split", "undo merge", "undo import"),
    *("change entry", "import entries"),
)
# Two rules change nothing, and that must hold as well.
IDLE = ("undo in vain", "look back")
STEPS = 50


@dataclass(frozen=True, slots=True)
class Dice:
    """Whatever a rule leaves to chance."""

    pick: int
    gap: int = 1
    mu: int = 50
    day: int = 0
    shift: int = 0
    flag: bool = False


DICE = st.builds(
    Dice,
    pick=st.integers(0, 9_999),
    gap=st.integers(1, 70),
    mu=st.integers(10, 90),
    day=st.integers(0, 700),
    shift=st.integers(-40, 40),
    flag=st.booleans(),
)


class LedgerMachine(Office):
    """All rules; one of those that are to be tried is drawn a step."""

    tried: ClassVar[tuple[str, ...]]

    @initialize(first=DICE, second=DICE)
    def open_office(self, first: Dice, second: Dice) -> None:
        self.do_register(first)
        self.do_register(second)

    @rule(what=st.runner().flatmap(lambda self: st.sampled_from(self.tried)), dice=DICE)
    def work(self, what: str, dice: Dice) -> None:
        if what in CHAIN:
            self.stage(what, dice)
        else:
            getattr(self, f"do_{what}".replace(" ", "_").replace("-", "_"))(dice)

    # What begins

    def do_register(self, dice: Dice) -> list[str]:
        return self._enter("register", dice, [self._first_line(dice)])

    def do_import(self, dice: Dice) -> list[str]:
        """What is imported may bring later dates along."""
        first = self._first_line(dice)
        supply = Line(0, "supply", first.on + timedelta(days=dice.gap // 2))
        produce = Line(0, "produce", first.on + timedelta(days=60 + dice.gap))
        return self._enter("import", dice, [first, supply, produce][: 1 + dice.pick % 3])

    def _first_line(self, dice: Dice) -> Line:
        on = FIRST + timedelta(days=dice.day)
        return Line(0, "register", on, dice.mu, HOMES[dice.pick % 3])

    def _enter(self, name: str, dice: Dice, lines: list[Line]) -> list[str]:
        parcel, clerk = self.bare(unmapped=dice.flag), self.clerk()
        stamp = ImportStamp(f"i-{len(self.sheets)}", "甲.xlsx", "ab" * 32, clerk.now, clerk.name)
        events = [
            Event(
                *(0, parcel.parcel_no, EventKind(line.kind), line.on, clerk.now, clerk.name),
                area_m2=None if line.mu is None else float(line.mu) * MU_M2,
                park_id=line.park,
                import_id=stamp.import_id if name == "import" else None,
            )
            for line in lines
        ]
        with self.ledger.writing() as writer:
            if name == "import":
                writer.register_import(stamp)
            ids = writer.add([parcel], events)
        sheet = self.sheets[parcel.parcel_no] = Sheet(dice.flag)
        for number, line in zip(ids, lines, strict=True):
            sheet.write(Line(number, line.kind, line.on, line.mu, line.park))
        if name == "import":
            own = tuple((parcel.parcel_no, number) for number in ids)
            place, new = len(self.entry_changes), (parcel.parcel_no,)
            deed = Deed("import", own, 0, stamp.import_id, registered=new, place=place)
            self.deeds.append(deed)
        self.written(name, *(line.on for line in lines))
        return [parcel.parcel_no]

    # What follows: none of it may be refused. Where no parcel is fit for it, one is made fit.

    def _go_on(self, name: str, numbers: list[str], dice: Dice, **given: object) -> list[str]:
        number = numbers[dice.pick % len(numbers)]
        self.forward(name, number, dice.gap, **given)
        return [number]

    def _any(self, dice: Dice) -> list[str]:
        return self.ready() or self.do_register(dice)

    def stage(self, kind: str, dice: Dice) -> list[str]:
        ready = self.ready()
        numbers = [no for no in ready if kind in stages_left(self.sheets[no].standing())]
        return self._go_on(kind, numbers or self.do_register(dice), dice)

    def do_produce_a_part(self, dice: Dice) -> None:
        number = self._any(dice)[dice.pick % len(self._any(dice))]
        mu = self.now(number).area * (dice.mu % 11) // 10
        self._go_on("produce a part", [number], dice, kind="produce", mu=mu)

    def do_stop(self, dice: Dice) -> list[str]:
        numbers = self.ready(lambda land: land.producing > 0) or self.stage("produce", dice)
        return self._go_on("stop", numbers, dice, mu=dice.mu if dice.flag else None)

    def do_restart(self, dice: Dice) -> None:
        numbers = self.ready(lambda land: land.stopped > 0) or self.do_stop(dice)
        self._go_on("restart", numbers, dice, mu=dice.mu // 2 if dice.flag else None)

    def do_halt(self, dice: Dice) -> list[str]:
        numbers = self.ready(lambda land: not land.halted) or self.do_register(dice)
        return self._go_on("halt", numbers, dice)

    def do_resume(self, dice: Dice) -> None:
        self._go_on("resume", self.ready(lambda land: land.halted) or self.do_halt(dice), dice)

    def do_withdraw(self, dice: Dice) -> None:
        self._go_on("withdraw", self._any(dice), dice)

    def do_move_park(self, dice: Dice) -> None:
        number = self._any(dice)[dice.pick % len(self._any(dice))]
        others = [park for park in HOMES if park != self.now(number).park]
        self._go_on("move_park", [number], dice, park=others[dice.mu % 2])

    def do_redraw(self, dice: Dice) -> None:
        number = self._any(dice)[dice.pick % len(self._any(dice))]
        mu = max(self.now(number).producing + dice.mu // 2, 10)
        self._go_on("redraw", [number], dice, mu=mu)

    def do_end(self, dice: Dice) -> None:
        self._go_on("end", self._any(dice), dice)

    # What comes late: where it contradicts what is known it is refused

    def do_back_date(self, dice: Dice) -> None:
        numbers = [no for no, sheet in self.sheets.items() if len(sheet.standing()) > 1]
        if not numbers:
            return
        number = numbers[dice.pick % len(numbers)]
        lines = self.sheets[number].standing()
        missing = [kind for kind in CHAIN if kind not in {line.kind for line in lines}]
        kinds = ["redraw", "move_park", *missing]
        kind, on = kinds[dice.mu % len(kinds)], lines[0].on
        on += timedelta(days=dice.day % ((lines[-1].on - on).days + 1))
        if dice.flag:  # two of one day
            on = lines[dice.day % len(lines)].on
        mu = dice.mu if kind == "redraw" else None
        park = HOMES[dice.gap % 3] if kind == "move_park" else None
        with self.attempt("back-date", on):
            self.put(number, kind, on, mu=mu, park=park)

    def do_correct(self, dice: Dice) -> None:
        mendable = self.mendable(last_only=False)
        if not mendable:
            return
        number, line = mendable[dice.pick % len(mendable)]
        lines = self.sheets[number].standing()
        on = lines[dice.day % len(lines)].on if dice.flag else line.on
        on += timedelta(days=dice.shift if dice.gap % 2 else 0)
        park = HOMES[dice.gap % 3] if line.kind in ("register", "move_park") else None
        mu = None if line.mu is None else dice.mu
        with self.attempt("correct", on, line.on):
            self.put(number, line.kind, on, corrects=line.number, mu=mu, park=park)

    def do_void(self, dice: Dice) -> None:
        mendable = self.mendable(last_only=dice.flag)
        if not mendable:
            return
        number, line = mendable[dice.pick % len(mendable)]
        with self.attempt("void", line.on):
            void(self.ledger, number, line.number, "记错", self.clerk())
            self.sheets[number].strike(line.number)

    # What the register says beside the lines

    def do_change_entry(self, dice: Dice) -> None:
        self._change_entries("change entry", dice, "")

    def do_import_entries(self, dice: Dice) -> None:
        self._change_entries("import entries", dice, f"e-{len(self.entry_changes)}")

    def _change_entries(self, name: str, dice: Dice, import_id: str) -> None:
        first, second = dice.pick % len(self.sheets), dice.mu % len(self.sheets)
        numbers = [list(self.sheets)[place] for place in {first, second}]
        self.change_entries(numbers, import_id)
        days = [line.on for no in numbers for line in self.sheets[no].standing()]
        self.written(name, *(days or [FIRST]))

    # What makes parcels of parcels

    def do_split(self, dice: Dice) -> None:
        numbers = self.ready(lambda land: land.area > 1) or self.do_register(dice)
        number = numbers[dice.pick % len(numbers)]
        land, on = self.now(number), self.later([number], dice.gap)
        total = land.area + fitting(land, dice.shift // 4)
        first = 1 + dice.pick % (total - 1)
        parts = [first, total - first] if total - first < 3 else [first, 2, total - first - 2]
        openings = shared_out(land, parts)
        # By area comes out in whole 亩 where all produces or nothing ever did.
        by_area = dice.flag and land.producing in (0, land.area) and not land.stopped
        children = [
            Child(
                self.number(further),
                mu * MU_M2,
                producing_m2=None if by_area else opening.producing * MU_M2,
                stopped_m2=None if by_area else opening.stopped * MU_M2,
            )
            for further, (mu, opening) in enumerate(zip(parts, openings, strict=True))
        ]
        done = split(self.ledger, number, on, children, self.clerk())
        self.sheets[number].write(Line(done.partings[0].event_id, "split", on, total))
        for birth, mu, opening in zip(done.registrations, parts, openings, strict=True):
            self.born(birth, mu, land.park, opening)
        self._done("split", done)

    def do_merge(self, dice: Dice) -> None:
        if not self.alike():
            self.do_split(dice)
        numbers = self.alike()[dice.pick % len(self.alike())][: 3 if dice.flag else 2]
        own, on = [self.now(number) for number in numbers], self.later(numbers, dice.gap)
        whole, differs = whole_of(own), dice.shift // 4
        # Each parent's part of the difference must be one that is noticed.
        noticed = min(land.area for land in own) * abs(differs) * MU_M2 > 2 * whole.area
        total = whole.area + (fitting(whole, differs) if noticed else 0)
        child = Child(self.number(), total * MU_M2)
        done = merge(self.ledger, numbers, on, child, self.clerk())
        for parting, land in zip(done.partings, own, strict=True):
            share = Fraction(land.area * total, whole.area)
            self.sheets[parting.parcel_no].write(Line(parting.event_id, "merge", on, share))
        self.born(done.registrations[0], total, whole.park, shared_out(whole, [total])[0])
        self._done("merge", done)

    def _done(self, name: str, done: Reshaped) -> None:
        lines = (*done.partings, *done.registrations)
        own = tuple((event.parcel_no, event.event_id) for event in lines)
        self.deeds.append(Deed(name, own, births=len(done.registrations)))
        self.written(name, lines[0].effective_on)

    # What is taken back whole, or not at all

    def do_undo_split(self, dice: Dice) -> None:
        if not self.undoable("split"):
            self.do_split(dice)
        self._take_back("split", dice)

    def do_undo_merge(self, dice: Dice) -> None:
        if not self.undoable("merge"):
            self.do_merge(dice)
        self._take_back("merge", dice)

    def do_undo_import(self, dice: Dice) -> None:
        if not self.undoable("import"):
            self.do_import(dice)
        self._take_back("import", dice)

    def _take_back(self, kind: str, dice: Dice) -> None:
        deeds = self.undoable(kind)
        deed = deeds[dice.pick % len(deeds)]
        standing = {
            (number, line.number): line
            for number in self.sheets
            for line in self.sheets[number].standing()
        }
        self._undo(deed)
        # A line of an import may have been voided before.
        own = [key for key in deed.lines if key in standing]
        for number, line_number in own:
            self.sheets[number].strike(line_number)
        self.restore_entries(deed)
        self.deeds.remove(deed)
        self.written(f"undo {kind}", *([standing[key].on for key in own] or [FIRST]))

    def do_undo_in_vain(self, dice: Dice) -> None:
        deeds = [deed for deed in self.deeds if not self.is_free(deed)]
        if deeds:
            with pytest.raises(EventError, match="不能撤销"):
                self._undo(deeds[dice.pick % len(deeds)])
            self.taken["undo in vain"] += 1

    def _undo(self, deed: Deed) -> None:
        if deed.births:
            undo_reshape(self.ledger, *deed.lines[0], "图画错了", self.clerk())
        else:
            undo(self.ledger, deed.import_id, self.clerk())

    # The audit

    def do_look_back(self, dice: Dice) -> None:
        """An earlier meeting's figures are asked for; then the books are built anew."""
        moment, then = self.past[dice.pick % len(self.past)]
        on = FIRST + timedelta(days=5 * dice.day)
        audit_knowledge(self.ledger, self.sheets, then, moment, on)
        audit_rebuilt(self.ledger)
        self.taken["look back"] += 1

    @invariant()
    def the_books_are_right(self) -> None:
        around = {month_end(day) for day in self.touched} | self.touched
        around |= {day - timedelta(days=1) for day in self.touched}
        audit(self.ledger, self.sheets, around | {FIRST + timedelta(days=4_000)})
        self.past.append((self.moment, lines_of(self.sheets)))


MOST_ROUNDS = 12


def run_machine(fresh: Callable[[], Ledger], *, often: int, examples: int = 24) -> Counter[str]:
    """Work in new ledgers, and tell how often each rule was taken.

    ``fresh`` makes an empty ledger, wherever it lives; it is asked once an example. Rules that the
    first examples took less often than wanted are drawn more often in further ones.
    """
    taken: Counter[str] = Counter()
    rare: tuple[str, ...] = RULES
    # What is drawn depends on the modules loaded, so on the tests before: rounds go on until each
    # rule has had its turns, with an end for a rule that can no longer be taken at all.
    for _ in range(MOST_ROUNDS):
        own = {"fresh": staticmethod(fresh), "taken": taken, "tried": (*rare, *rare, *RULES, *IDLE)}
        machine = type("RandomOffice", (LedgerMachine,), own)
        chosen = settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            print_blob=False,
            suppress_health_check=list(HealthCheck),
        )
        run_state_machine_as_test(machine, settings=chosen)
        rare = tuple(name for name in RULES if taken[name] < often)
        if not rare:
            break
        examples = max(examples // 2, 4)
    return taken
