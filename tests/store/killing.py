"""Children that record until they are killed, and what the next process finds. Linux, as a script.

This process stays warm: it forks a child, kills it with ``kill -9`` at a chosen moment, looks at
the ledger that the child left, and goes on to the next. The last line on stdout is the report.

A child says on a pipe ``w`` once the first row of a record is written, ``c`` when the transaction
is about to be committed, and ``a`` when ``record`` has returned: the acknowledgement.
"""

import json
import os
import random
import select
import signal
import sqlite3
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import event as hooks

from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.services.record import Clerk, Draft, record
from dongtou_geo.store import register, upkeep
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create, open_ledger

FIRST = date(2015, 1, 1)
MOMENT = datetime(2026, 6, 1, 4, tzinfo=UTC)
NUMBERS = [f"P-{n}" for n in range(20)]
MEASURED = 5
# Give a stuck child up instead of waiting for ever.
PATIENCE_SECONDS = 30.0


def draft_of(number: int) -> Draft:
    """The number-th record: everything in it follows from its number."""
    kind = EventKind.PRODUCE if number % 3 == 0 else EventKind.REDRAW
    area_m2 = 10.0 + number / 7 if kind is EventKind.PRODUCE else 1_000.0 + number / 7
    on = FIRST + timedelta(days=1 + number)
    return Draft(NUMBERS[number % len(NUMBERS)], kind, on, f"文号-{number}", area_m2=area_m2)


def changes_entry(number: int) -> bool:
    """Whether the number-th record comes with a change of its parcel's register entry."""
    return number % 4 == 1


def note_of(number: int) -> str:
    """What the register says since the number-th record."""
    return f"注-{number}"


def write(ledger: Ledger, number: int) -> None:
    """Write the number-th record, an event alone or with a new register entry."""
    draft = draft_of(number)
    if not changes_entry(number):
        record(ledger, draft, Clerk("张三", MOMENT), park_ids=["park_a"])
        return
    event = Event(
        0, draft.parcel_no, draft.kind, draft.effective_on, MOMENT, "张三", draft.source_doc,
        draft.area_m2,
    )  # fmt: skip
    with ledger.writing() as writer:
        entry = writer.parcel(draft.parcel_no)
        assert entry is not None
        turned = AreaBasis.LEDGER if entry.area_basis is AreaBasis.DRAWN else AreaBasis.DRAWN
        entry = replace(entry, note=note_of(number), area_basis=turned)
        writer.change([entry], [], [event], at=MOMENT, by="张三")


def registrations() -> list[Event]:
    """The first line of every parcel."""
    line = Event(0, "", EventKind.REGISTER, FIRST, MOMENT, "张三", area_m2=1e3, park_id="park_a")
    return [replace(line, parcel_no=number) for number in NUMBERS]


# The child


def work(path: Path, start: int, say: Callable[[str], object]) -> None:
    """Record one event after the other, for ever."""
    ledger = open_ledger(file_url(path))
    written = False

    def first_write(_conn: object, _cursor: object, statement: str, *_given: object) -> None:
        nonlocal written
        if not written and statement.startswith(("INSERT", "UPDATE", "DELETE")):
            written = True
            say("w")

    # The same engine serves readers and writers; nothing in the program is changed for this.
    hooks.listen(ledger._engine, "after_cursor_execute", first_write)
    hooks.listen(ledger._engine, "commit", lambda _connection: say("c") if written else None)
    number = start
    while True:
        write(ledger, number)
        say("a")
        written, number = False, number + 1


def forked(path: Path, start: int) -> tuple[int, int]:
    """Start a child; return its process id and the pipe on which it speaks."""
    hear, speak = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(hear)
        try:
            work(path, start, lambda word: os.write(speak, word.encode()))
        finally:
            os._exit(1)  # a child never returns into the parent's work
    os.close(speak)
    return child, hear


def heard(pipe: int, seconds: float) -> str:
    """What a child says within some time; nothing where it stays silent."""
    ready, _, _ = select.select([pipe], [], [], seconds)
    return os.read(pipe, 65_536).decode() if ready else ""


# The rounds


@dataclass(slots=True)
class Report:
    """What came of it."""

    kills: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    survived: int = 0  # not acknowledged, yet written: that is no fault
    faults: list[str] = field(default_factory=list)


def words(child: int, pipe: int, until: Callable[[str], bool]) -> str:
    """Listen to a child until what it said will do."""
    said = ""
    end = time.monotonic() + PATIENCE_SECONDS
    while not until(said):
        more = heard(pipe, max(0.0, end - time.monotonic()))
        if not more:
            os.kill(child, signal.SIGKILL)
            msg = f"child said {said!r} and no more"
            raise RuntimeError(msg)
        said += more
    return said


def killed(child: int, pipe: int) -> str:
    """Kill a child, and return what it had still said."""
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    said = ""
    while more := os.read(pipe, 65_536).decode():
        said += more
    os.close(pipe)
    if os.waitstatus_to_exitcode(status) != -signal.SIGKILL:
        msg = f"child ended by itself: {os.waitstatus_to_exitcode(status)}"
        raise RuntimeError(msg)
    return said


def measured(path: Path, known: set[int], report: Report) -> tuple[float, int]:
    """How long one of a child's first records takes from its first write to its acknowledgement.

    Undisturbed, but by children as new as those that will be killed: what they do for the first
    time takes them longer. The second is the record to go on with.
    """
    times: list[float] = []
    start = 0
    for _ in range(MEASURED):
        child, pipe = forked(path, start)
        written_at, said = 0.0, ""
        while said.count("a") < 3:
            said += (word := words(child, pipe, bool))
            if word.endswith("w"):
                written_at = time.perf_counter()
            elif word.endswith("a") and written_at:
                times.append(time.perf_counter() - written_at)
        said += killed(child, pipe)
        start = looked_at(path, known, start, said.count("a"), report)
    return statistics.median(times), start


def looked_at(path: Path, known: set[int], start: int, acknowledged: int, report: Report) -> int:
    """Look at the ledger that a child left, and return the record to go on with."""
    known |= set(range(start, start + acknowledged))
    in_flight = start + acknowledged
    known |= (more := found(path, known, {in_flight}, report))
    report.survived += in_flight in more
    return in_flight + 1


def moments(rounds: int, lasts: float) -> Iterator[tuple[int, float]]:
    """Which record to kill, and how long after its first write: swept over all of it."""
    chance = random.Random(20_201_231)
    for turn in range(rounds):
        yield turn % 3, (turn * 7_919 % rounds + chance.random()) / rounds * lasts


def place_of(said: str) -> str:
    """Where a child was when it was killed, by its last word."""
    last = said[-1:]
    return {"w": "after the first write", "c": "in the commit"}.get(last, "outside a write")


def run(path: Path, rounds: int) -> Report:
    """Kill as often as is asked for, and look each time."""
    ledger = create(file_url(path))
    ledger.append([Parcel(no, Origin.LAND, AreaBasis.DRAWN) for no in NUMBERS], registrations())
    report = Report()
    known: set[int] = set()
    lasts, start = measured(path, known, report)
    for before, delay in moments(rounds, lasts):
        child, pipe = forked(path, start)
        said = words(child, pipe, lambda said, n=before: said.count("w") > n)  # type: ignore[misc]
        time.sleep(delay)
        said += killed(child, pipe)
        report.kills[place_of(said)] += 1
        report.acknowledged += said.count("a")
        start = looked_at(path, known, start, said.count("a"), report)
    return report


# What the next process finds


def found(path: Path, known: set[int], in_flight: set[int], report: Report) -> set[int]:
    """Read the ledger as it was left, and return what of the unacknowledged is in it."""
    with closing(sqlite3.connect(path)) as connection:
        for pragma, sound in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
            if (said := connection.execute(f"PRAGMA {pragma}").fetchall()) != sound:
                report.faults.append(f"{pragma}: {said}")
    ledger: Ledger = open_ledger(file_url(path))
    events = [event for event in ledger.events() if event.kind is not EventKind.REGISTER]
    by_number = {int((event.source_doc or "-1").split("-")[-1]): event for event in events}
    if len(by_number) != len(events):
        report.faults.append("an event is there twice")
    lost, alien = known - by_number.keys(), by_number.keys() - known - in_flight
    if lost or alien:
        report.faults.append(f"acknowledged and lost: {lost}; never recorded: {alien}")
    for number, event in by_number.items():
        wanted = draft_of(number)
        fields = ("parcel_no", "kind", "effective_on", "source_doc", "area_m2")
        halves = [name for name in fields if getattr(event, name) != getattr(wanted, name)]
        if halves or event.recorded_at != MOMENT or event.recorded_by != "张三":
            report.faults.append(f"half an event: {event}")
    report.faults += [problem.message for problem in upkeep.verify(ledger)]
    report.faults += entry_faults(ledger, by_number)
    return by_number.keys() & in_flight


def entry_faults(ledger: Ledger, numbers: Iterable[int]) -> list[str]:
    """Where the register does not say what came with the events, now and before."""
    with ledger.reading() as snapshot:
        kept = register.former_entries(snapshot.connection)
        said = [former.parcel for former in kept] + snapshot.parcels()
    faults = []
    for place, parcel_no in enumerate(NUMBERS):
        own = [n for n in sorted(numbers) if n % len(NUMBERS) == place and changes_entry(n)]
        notes = [entry.note for entry in said if entry.parcel_no == parcel_no]
        if notes != [None, *map(note_of, own)]:
            faults.append(f"half a change of {parcel_no}: {notes}, events {own}")
    return faults


if __name__ == "__main__":
    outcome = run(Path(sys.argv[1]), int(sys.argv[2]))
    print(json.dumps({name: getattr(outcome, name) for name in Report.__slots__}))
