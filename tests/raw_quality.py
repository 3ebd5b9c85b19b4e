"""What a ledger's parcels lack, counted by hand, straight from the file."""

import sqlite3
from collections import defaultdict
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.raw_events import Raw, raw_parcels

CHAIN = ["approve", "acquire", "supply", "start", "complete", "produce"]
AGREED = ("agreed_start_on", "agreed_complete_on", "agreed_produce_on")
STALE_DAYS = 180


def raw_lacks(path: Path, day: str) -> dict[str, dict[str, Raw]]:
    """Return the parcels that lack something, by what it is; a ledger without splits and merges."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        lines = connection.execute("SELECT * FROM events ORDER BY event_id DESC").fetchall()
        entries = {row["parcel_no"]: row for row in connection.execute("SELECT * FROM parcels")}
    gone: set[int] = set()
    own, recorded = defaultdict(list), defaultdict(list)
    for line in lines:
        recorded[line["parcel_no"]].append(_day_here(line["recorded_at"]))
        if line["event_id"] in gone:
            continue
        if line["supersedes"] is not None:
            gone.add(line["supersedes"])
        if line["kind"] != "void" and line["effective_on"] <= day:
            own[line["parcel_no"]].append(line)
    found: dict[str, dict[str, Raw]] = defaultdict(dict)
    for number, parcel in raw_parcels(path, day).items():
        known = [when for when in recorded[number] if when <= day]
        for flag in _lacks(parcel, entries[number], own[number], max(known, default=None), day):
            found[flag][number] = parcel
    return found


def _day_here(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat()


def _lacks(
    parcel: Raw, entry: sqlite3.Row, lines: list[sqlite3.Row], last: str | None, day: str
) -> list[str]:
    accounts = set(parcel.mu())
    supplied = not accounts & {"planned", "approved", "acquired"}
    taken_back = max((e["effective_on"] for e in lines if e["kind"] == "withdraw"), default="")
    told = {e["kind"] for e in lines if e["effective_on"] >= taken_back}
    told |= {"approve", "acquire"} if taken_back else set()
    furthest = max((CHAIN.index(kind) for kind in told if kind in CHAIN), default=0)
    # The sea is filled, not expropriated: there it is no gap that 征收 has no line.
    told |= {"acquire"} if entry["origin"] == "filled_sea" else set()
    long_ago = (datetime.fromisoformat(day) - timedelta(days=STALE_DAYS)).date().isoformat()
    return [
        flag
        for flag, lacking in {
            "all": True,
            "supplied": supplied,
            "unmapped": entry["area_basis"] == "ledger",
            "unit": not entry["responsible_unit"],
            "document": any(e["kind"] in CHAIN and not e["source_doc"] for e in lines),
            "stage": any(kind not in told for kind in CHAIN[:furthest]),
            "occupant": supplied and not entry["occupant"],
            "agreed": supplied and any(entry[name] is None for name in AGREED),
            "contract": supplied and not entry["contract_no"],
            "stale": accounts != {"in_production"} and last is not None and last < long_ago,
        }.items()
        if lacking
    ]
