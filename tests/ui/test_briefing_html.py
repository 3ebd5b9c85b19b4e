"""The sheets as HTML: every figure a button that opens its proof, every name text."""

import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from html import escape, unescape
from pathlib import Path

import pytest

from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.domain.units import mu_to_m2
from dongtou_geo.services.briefing import briefing
from dongtou_geo.services.briefing_sheet import Briefing
from dongtou_geo.services.dossier import load_atlas
from dongtou_geo.services.progress import ledger_view
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger, LedgerIdentity
from dongtou_geo.store.opening import create
from dongtou_geo.ui.components.briefing_html import briefing_html

DAY = date(2026, 6, 30)
FIRM = '<img src=x onerror=alert(1)>"甲"'


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = create(file_url(tmp_path / "one.sqlite"), LedgerIdentity("eins"))
    at = datetime(2026, 4, 1, tzinfo=UTC)
    line = Event(
        1, "A-1", EventKind.REGISTER, date(2016, 1, 1), at, "张三",
        area_m2=mu_to_m2(100), park_id="park_nantang",
    )  # fmt: skip
    produce = replace(line, event_id=2, kind=EventKind.PRODUCE, area_m2=mu_to_m2(40))
    entry = Parcel("A-1", Origin.LAND, AreaBasis.LEDGER, occupant=FIRM, ledger_area_mu=100.0)
    made.append([entry], [line, replace(produce, effective_on=date(2019, 1, 1))])
    return made


def html_of(told: Briefing) -> str:
    return briefing_html(told, lambda _park: [])


def sections(html: str) -> dict[str, str]:
    parts = re.split(r'<section class="sheet" data-sheet="(\w+)"', html)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


@pytest.mark.parametrize("recorded", [True, False])
def test_every_figure_is_a_button_with_its_proof(ledger: Ledger, recorded: bool) -> None:
    told = briefing(load_atlas(), ledger_view(ledger if recorded else None), DAY)
    found = sections(html_of(told))
    assert list(found) == [sheet.id for sheet in told.sheets]
    for sheet in told.sheets:
        pairs = re.findall(r'data-select="proof:([^"]+)"[^>]*>([^<]+)<', found[sheet.id])
        buttons = Counter((unescape(word), unescape(text)) for word, text in pairs)
        wanted = {(f.ask.text, f.text) for f in sheet.shown() if f.ask is not None}
        assert set(buttons) == wanted, sheet.id


def test_names_are_text(ledger: Ledger) -> None:
    told = briefing(load_atlas(), ledger_view(ledger), DAY)
    html = html_of(told)
    assert "<img" not in html
    assert escape(FIRM).replace("&quot;", "&#34;") in html


def test_an_unreported_park_has_a_dashed_bar_and_no_bar_of_nothing(ledger: Ledger) -> None:
    found = sections(html_of(briefing(load_atlas(), ledger_view(ledger), DAY)))
    district = found["district"]
    # Five platforms, four of them silent.
    assert district.count('class="part bar blank"') == 4
    assert district.count('class="part bar whole"') == 1
    assert "width:0.000%" not in district
    assert "<polyline" not in found["park_yangwen"]
    assert found["park_nantang"].count("<polyline") == 2
