"""What the tests of the briefing's files share: a sample, an empty ledger, and the command's figures."""

import json
import subprocess
import sys
from datetime import date
from typing import Any

from dongtou_geo.maps.briefing_map import picture_maker
from dongtou_geo.reports.deck import deck
from dongtou_geo.services.briefing import briefing
from dongtou_geo.services.briefing_sheet import Briefing
from dongtou_geo.services.dossier import load_atlas
from dongtou_geo.services.progress import ledger_view
from dongtou_geo.settings import ROOT
from dongtou_geo.store.ledger import Ledger

LATEST, BEFORE_DUE = date(2026, 6, 30), date(2018, 12, 31)


def told(ledger: Ledger | None, day: date) -> Briefing:
    return briefing(load_atlas(), ledger_view(ledger), day)


def deck_of(ledger: Ledger | None, day: date) -> bytes:
    return deck(told(ledger, day), picture_maker(ledger, day))


def progress_json(url: str, day: date, by: str = "park") -> list[dict[str, Any]]:
    """Run the command as an office would, and read its one document."""
    words = ["progress", "--json", "--ledger", url, "--as-of", day.isoformat(), "--by", by]
    done = subprocess.run(
        [sys.executable, "-m", "dongtou_geo", *words],
        cwd=ROOT, check=True, capture_output=True, encoding="utf-8",
    )  # fmt: skip
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found
