"""Where a project fits: parks by the plan's words, land by the books, and what is not known."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from dongtou_geo.catalog.industries import load_layout
from dongtou_geo.domain.units import mu_to_m2
from dongtou_geo.services.dossier import load_atlas
from dongtou_geo.services.industry_fit import Answer, FitLevel, FreeLand, find_fits, free_land
from dongtou_geo.services.progress import LedgerView, ledger_view
from dongtou_geo.store.address import file_url
from dongtou_geo.store.opening import create
from tests.services.books import line, parcel

ATLAS, LAYOUT = load_atlas(), load_layout()
DAY = date(2020, 6, 30)
NANTANG, STARTUP = "park_nantang", "park_startup"


@pytest.fixture
def view(tmp_path: Path) -> LedgerView:
    """南塘: 40 + 30 亩 acquired, 25 approved, 15 supplied, 5 planned."""
    ledger = create(file_url(tmp_path / "ledger.sqlite"))
    area = {"a": 40, "b": 30, "c": 25, "d": 15, "e": 5}
    chain = {"a": 2, "b": 2, "c": 1, "d": 3, "e": 0}
    days = (("approve", 2012), ("acquire", 2013), ("supply", 2014))
    parcels = [parcel(number) for number in area]
    events = [
        line(n, "register", date(2011, 1, 1), area_m2=mu_to_m2(mu), park_id=NANTANG)
        for n, mu in area.items()
    ]
    for number, steps in chain.items():
        events += [line(number, kind, date(year, 1, 1)) for kind, year in days[:steps]]
    numbered = [replace(event, event_id=i) for i, event in enumerate(events, start=1)]
    ledger.append(parcels, numbered)
    return ledger_view(ledger)


def ask(view: LedgerView, industry: str, mu: float, day: date = DAY) -> Answer:
    return find_fits(ATLAS, LAYOUT, view, industry, mu, day)


def parks(answer: Answer) -> dict[str, FitLevel]:
    return {fit.park.id: fit.level for fit in answer.fits}


def test_free_land_is_what_the_books_hold_ready(view: LedgerView) -> None:
    land = free_land(view, [NANTANG, STARTUP], DAY)
    own = land[NANTANG]
    figures = (own.recorded_mu, own.acquired_mu, own.approved_mu, own.unapproved_mu, own.free_mu)
    assert figures == pytest.approx((115, 70, 25, 5, 95))
    assert own.largest_mu == pytest.approx(40)
    assert own.largest_no == "a"
    assert land[STARTUP].recorded_mu == 0
    before = free_land(view, [NANTANG], date(2012, 6, 30))[NANTANG]
    assert (before.acquired_mu, before.approved_mu) == pytest.approx((0, 110))
    assert before.largest_no is None


@pytest.mark.parametrize(
    ("wanted", "words"),
    [(30, "合计够，单宗可容"), (40, "合计够，单宗可容"), (60, "合计够，须并宗"), (80, "须先征收或验收填海"), (100, "台账所记不足")],
)  # fmt: skip
def test_a_verdict_says_what_the_books_allow(view: LedgerView, wanted: float, words: str) -> None:
    (fit,) = [f for f in ask(view, "traditional_seafood", wanted).fits if f.park.id == NANTANG]
    assert fit.land is not None and fit.land.verdict(wanted) == words


def test_nothing_recorded_is_unknown_and_not_too_little(view: LedgerView) -> None:
    (fit,) = [f for f in ask(view, "petrochem_lng", 1).fits if f.park.id == STARTUP]
    assert fit.land is not None and fit.land.verdict(1) == "未填报"
    answer = ask(ledger_view(None), "petrochem_lng", 1)
    assert [(f.park.id, f.land) for f in answer.fits] == [(STARTUP, None)]


def test_a_floating_last_digit_does_not_hide_land() -> None:
    land = FreeLand(100, 60 - 1e-10, 0, 0, 60 - 1e-10, "a")
    assert land.verdict(60) == "合计够，单宗可容"


def test_seafood_and_stone_go_to_the_three_parks_of_the_traditional_family(
    view: LedgerView,
) -> None:
    traditional = {NANTANG, "park_yangwen", "park_ojk_industry"}
    for branch, elsewhere in (("seafood", "霓屿"), ("stone", "大门")):
        answer = ask(view, f"traditional_{branch}", 60)
        assert parks(answer) == dict.fromkeys(traditional, FitLevel.PARK)
        assert answer.fits[0].park.id == NANTANG, "the one with land comes first"
        (other,) = answer.elsewhere
        assert elsewhere in other.place_name
    # 大门花岗岩园 is named for 北翼, but it is not 启动区.
    assert STARTUP not in parks(ask(view, "traditional_stone", 60))


def test_an_industry_given_to_an_area_or_zone_reaches_the_parks_on_it(view: LedgerView) -> None:
    assert parks(ask(view, "equipment_rail", 10)) == {
        "park_rail": FitLevel.PARK,
        "park_ojk_industry": FitLevel.AREA,
    }
    assert parks(ask(view, "equipment_heavy", 10)) == {STARTUP: FitLevel.AREA}
    # 择机临港装备 is said of 北翼 as a whole, 重点 of 西片.
    assert parks(ask(view, "equipment_port", 10)) == {
        STARTUP: FitLevel.ZONE, "park_ojk_industry": FitLevel.ZONE, "park_rail": FitLevel.ZONE,
    }  # fmt: skip


def test_a_family_asks_for_all_its_branches(view: LedgerView) -> None:
    assert parks(ask(view, "petrochem", 10)) == {STARTUP: FitLevel.PARK}
    answer = ask(view, "energy", 10)
    assert (answer.fits, answer.elsewhere) == ((), ()), "the plan gives energy no place"
