"""The one figure of a place under the mouse."""

from dataclasses import replace
from datetime import date

from dongtou_geo.domain.progress import PLAN_DUE, LedgerStamp, Progress, Verdict
from dongtou_geo.domain.status import STATUSES
from dongtou_geo.ui.components.hover import one_figure, source

ROW = Progress(
    id="park_a", name="甲园", zone_id="zone_a", as_of=date(2026, 6, 30), sample=False,
    ledger_version="a-1", data_until=None, planned_mu=1360.0, recorded_mu=1300.0, unmapped_mu=0.0,
    by_status_mu=dict.fromkeys(STATUSES, 0.0), in_production_mu=816.0, rate=0.6, rate_at_due=0.5,
    reachable_rate=0.95, met_on=None, target_rate=0.9, target_text="90%以上", due=PLAN_DUE,
    gap_mu=408.0, verdict=Verdict.OVERDUE,
)  # fmt: skip


def test_a_rate_stands_beside_what_it_is_a_share_of_and_its_target() -> None:
    assert one_figure(ROW) == "投产 60.0%（816.0 / 规划 1,360.0 亩） · 目标 90%"


def test_nothing_recorded_is_unreported_and_no_zero() -> None:
    text = one_figure(replace(ROW, rate=None, in_production_mu=None, recorded_mu=0.0))
    assert text == "规划 1,360.0 亩 · 未填报"
    assert "%" not in text


def test_recorded_and_nothing_in_production_is_a_zero() -> None:
    assert one_figure(replace(ROW, rate=0.0, in_production_mu=0.0)).startswith("投产 0.0%")


def test_without_a_number_no_target_is_shown() -> None:
    assert "目标" not in one_figure(replace(ROW, target_rate=None))


def test_a_rate_above_1_is_not_clipped() -> None:
    assert one_figure(replace(ROW, rate=1.25, in_production_mu=1700.0)).startswith("投产 125.0%")


def test_a_zones_rate_says_which_platforms_it_counts_without_figures() -> None:
    text = one_figure(replace(ROW, id="zone_a", target_rate=None), (2, 1500.0))
    assert text.endswith(" · 其中 2 个平台（1,500.0 亩）未填报")


def test_every_figure_has_its_day_and_says_whether_it_is_a_samples() -> None:
    day = date(2018, 12, 31)
    assert source(LedgerStamp(True, "s-1", day), day) == "截至 2018-12-31 · 示例台账"
    assert source(LedgerStamp(False, "a-1", day), day) == "截至 2018-12-31 · 台账"
    assert source(LedgerStamp(), day) == "截至 2018-12-31 · 无台账"
