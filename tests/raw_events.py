"""A ledger's lines summed by hand, straight from the file: nothing of the product is asked."""

import sqlite3
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

MU_PER_M2 = 3 / 2000
ORDER = [
    "register", "redraw", "move_park", "approve", "acquire", "withdraw", "supply", "start",
    "complete", "produce", "halt", "resume", "stop", "restart", "end",
]  # fmt: skip
STAGES = {
    "approve": "approved", "acquire": "acquired", "supply": "supplied", "start": "building",
    "complete": "completed", "withdraw": "acquired",
}  # fmt: skip


@dataclass
class Raw:
    """One parcel on a day."""

    number: str
    park: str | None
    area: float = 0.0
    stage: str = "planned"
    made: float = 0.0
    stopped: float = 0.0
    since: str = ""
    occupant: str | None = None
    unit: str | None = None

    def mu(self) -> dict[str, float]:
        """Return 亩 by account."""
        if self.made <= 0 and self.stopped <= 0:
            return {self.stage: self.area * MU_PER_M2}
        rest = self.area - self.made - self.stopped
        parts = {"in_production": self.made, "completed": self.stopped, "part_used": rest}
        return {name: part * MU_PER_M2 for name, part in parts.items() if part > 1}


def raw_parcels(path: Path, day: str) -> dict[str, Raw]:
    """Return every living parcel on a day; a ledger without splits and merges."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        lines = connection.execute("SELECT * FROM events ORDER BY event_id DESC").fetchall()
        people = {row["parcel_no"]: row for row in connection.execute("SELECT * FROM parcels")}
    gone: set[int] = set()
    kept = defaultdict(list)
    for line in lines:
        if line["event_id"] in gone:
            continue
        if line["supersedes"] is not None:
            gone.add(line["supersedes"])
        if line["kind"] != "void" and line["effective_on"] <= day:
            kept[line["parcel_no"]].append(line)
    found = {}
    for number, own in kept.items():
        own.sort(key=lambda e: (e["effective_on"], ORDER.index(e["kind"]), e["event_id"]))
        parcel = Raw(number, None, occupant=people[number]["occupant"])
        parcel.unit = people[number]["responsible_unit"]
        for event in own:
            _run(parcel, event)
        if own[-1]["kind"] != "end":
            found[number] = parcel
    return found


def _run(parcel: Raw, event: sqlite3.Row) -> None:
    kind, area, before = event["kind"], event["area_m2"], parcel.mu() if parcel.area else {}
    if kind == "register":
        parcel.park, parcel.area = event["park_id"], area
    elif kind == "move_park":
        parcel.park = event["park_id"]
    elif kind == "redraw":
        if parcel.made and parcel.area - parcel.made < 1:
            parcel.made = area
        parcel.area = area
    elif kind in STAGES:
        parcel.stage = STAGES[kind]
    elif kind == "produce":
        parcel.made, parcel.stopped = parcel.area if area is None else area, 0.0
    elif kind == "stop":
        part = parcel.made if area is None else area
        parcel.made, parcel.stopped = parcel.made - part, parcel.stopped + part
    elif kind == "restart":
        part = parcel.stopped if area is None else area
        parcel.made, parcel.stopped = parcel.made + part, parcel.stopped - part
    if set(parcel.mu()) != set(before):
        parcel.since = event["effective_on"]


def raw_sums(path: Path, day: str) -> dict[str | None, dict[str, float]]:
    """Return 亩 by park (None = 园区外) and account."""
    sums: dict[str | None, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for parcel in raw_parcels(path, day).values():
        for account, mu in parcel.mu().items():
            sums[parcel.park][account] += mu
    return sums
