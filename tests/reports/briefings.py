"""What the tests of the briefing's files share: a sample, an empty ledger, and the command's figures."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from dongtou_geo.maps.briefing_map import picture_maker
from dongtou_geo.reports.deck import deck
from dongtou_geo.services.briefing import briefing
from dongtou_geo.services.briefing_sheet import Briefing
from dongtou_geo.services.dossier import load_atlas
from dongtou_geo.services.progress import ledger_view
from dongtou_geo.settings import ROOT
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger, LedgerIdentity
from dongtou_geo.store.opening import create

LATEST, BEFORE_DUE = date(2026, 6, 30), date(2018, 12, 31)


def told(ledger: Ledger | None, day: date) -> Briefing:
    return briefing(load_atlas(), ledger_view(ledger), day)


def deck_of(ledger: Ledger | None, day: date) -> bytes:
    return deck(told(ledger, day), picture_maker(ledger, day))


def hostile_copy(ledger: Ledger, path: Path) -> tuple[Ledger, set[str]]:
    """Copy a ledger, its parcel numbers of 64 letters without a gap and its firms of 200 signs.

    Returns the copy and the long names in it.
    """
    firm = f"洞头区{'某某海洋新材料科技' * 30}"[:194] + "有限公司甲乙"

    def number(old: str) -> str:
        *_, place, block, count = old.split("-")
        head = {"南塘": "W" * 30, "瓯江口": "ABCDE/12345" * 3}.get(place, place)
        return f"{head}{'0' * 64}"[: 64 - len(block + count)] + block + count

    parcels = [replace(p, parcel_no=number(p.parcel_no), occupant=firm) for p in ledger.parcels()]
    events = [replace(event, parcel_no=number(event.parcel_no)) for event in ledger.events()]
    copied = create(file_url(path), LedgerIdentity("long"))
    copied.append(parcels, events)
    return copied, {firm, *(parcel.parcel_no for parcel in parcels)}


def progress_json(url: str, day: date, by: str = "park") -> list[dict[str, Any]]:
    """Run the command as an office would, and read its one document."""
    words = ["progress", "--json", "--ledger", url, "--as-of", day.isoformat(), "--by", by]
    done = subprocess.run(
        [sys.executable, "-m", "dongtou_geo", *words],
        cwd=ROOT, check=True, capture_output=True, encoding="utf-8",
    )  # fmt: skip
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found
