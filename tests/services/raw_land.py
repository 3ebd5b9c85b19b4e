"""Where land stood on a day, read from the raw rows of a ledger's file: no code of the program.

For ledgers without splits and merges, such as the 示例 ledger.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

MU_M2 = 2000 / 3
STAGES = {
    "approve": "approved", "acquire": "acquired", "supply": "supplied", "start": "building",
    "complete": "completed",
}  # fmt: skip
# Lines of one day in the order in which they take effect.
ORDER = (
    *("register", "redraw", "move_park", "approve", "acquire", "withdraw", "supply", "start"),
    *("complete", "produce", "halt", "resume", "stop", "restart", "end"),
)


@dataclass
class Held:
    """One parcel while its rows are read."""

    park: str | None
    area: float
    stage: str = "planned"
    producing: float = 0.0
    stopped: float = 0.0
    gone: bool = False

    def read(self, row: sqlite3.Row) -> None:
        kind, area = row["kind"], row["area_m2"]
        if kind in STAGES:
            self.stage, self.stopped = STAGES[kind], self.stopped if self.producing else 0.0
        elif kind == "produce":
            self.stage, self.producing = "completed", self.area if area is None else area
            self.stopped = min(self.stopped, self.area - self.producing)
        elif kind in ("stop", "restart"):
            sign = 1 if kind == "stop" else -1
            moved = (self.producing if sign > 0 else self.stopped) if area is None else area
            self.producing, self.stopped = (
                self.producing - sign * moved,
                self.stopped + sign * moved,
            )
        elif kind == "withdraw":
            self.stage, self.producing, self.stopped = "acquired", 0.0, 0.0
        elif kind == "redraw":
            whole = abs(self.producing - self.area) <= 1
            self.area, self.producing = area, area if whole and self.producing else self.producing
        elif kind == "move_park":
            self.park = row["park_id"]
        elif kind == "end":
            self.gone = True

    def accounts(self) -> dict[str, float]:
        if self.gone:
            return {}
        if not self.producing and not self.stopped:
            return {self.stage: self.area}
        rest = self.area - self.producing - self.stopped
        held = {"in_production": self.producing, "completed": self.stopped}
        if rest > 1:
            held["part_used"] = rest
        return {account: m2 for account, m2 in held.items() if m2 > 0}


def rows_of(path: Path, query: str = "SELECT * FROM events ORDER BY event_id", *words: Any) -> Any:
    """Read rows of a ledger's file as they lie there."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute(query, words).fetchall()


def standing_rows(rows: Iterable[sqlite3.Row]) -> list[sqlite3.Row]:
    """Leave out what a later row replaces or voids."""
    voided: set[int] = set()
    replaced: set[int] = set()
    kept = []
    for row in sorted(rows, key=lambda row: -int(row["event_id"])):
        if row["event_id"] in voided:
            continue
        if row["supersedes"]:
            (voided if row["kind"] == "void" else replaced).add(row["supersedes"])
        if row["kind"] != "void" and row["event_id"] not in replaced:
            kept.append(row)
    return sorted(
        kept, key=lambda row: (row["effective_on"], ORDER.index(row["kind"]), row["event_id"])
    )


@cache
def lands(path: Path, day: str, known_until: str = "9999") -> dict[str, Held]:
    """Return where every parcel stood on a day, by rows recorded until a moment (UTC text).

    Read once: only of files that do not change.
    """
    rows = [row for row in rows_of(path) if row["recorded_at"] <= known_until]
    found: dict[str, Held] = {}
    for row in standing_rows(rows):
        if row["effective_on"] > day:
            continue
        if row["kind"] == "register":
            found[row["parcel_no"]] = Held(row["park_id"], row["area_m2"])
        else:
            found[row["parcel_no"]].read(row)
    return found


def by_park(found: dict[str, Held]) -> dict[str | None, dict[str, float]]:
    """Sum 亩 by park and status."""
    sums: dict[str | None, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for held in found.values():
        for account, m2 in held.accounts().items():
            sums[held.park][account] += m2 / MU_M2
    return sums


def moved_mu(
    before: dict[str, Held], after: dict[str, Held], park: str, source: str, sink: str
) -> tuple[float, set[str]]:
    """Sum the 亩 of parcels that stood wholly in one status and stand wholly in another."""
    total, numbers = 0.0, set()
    for number, held in after.items():
        was = before[number].accounts() if number in before else {"outside": held.area}
        now = held.accounts() or {"outside": before[number].area}
        if held.park == park and set(was) == {source} and set(now) == {sink}:
            total += min(*was.values(), *now.values()) / MU_M2
            numbers.add(number)
    return total, numbers
