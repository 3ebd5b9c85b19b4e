"""What the clerk's desk says: every word as text, the version and the day with it."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from dongtou_geo.domain.event import Event, EventKind, Opening
from dongtou_geo.ui.components.parcel_desk import acts_of
from dongtou_geo.ui.components.record_form import shown_mu, typed_m2
from dongtou_geo.ui.components.render import render
from dongtou_geo.ui.components.told import Told

MOMENT = datetime(2026, 6, 30, 2, 15, tzinfo=UTC)
HOSTILE = '<img src=x onerror="window.hacked=1">'
REGISTER = Event(
    1, "A", EventKind.REGISTER, date(2020, 1, 1), MOMENT, "甲", area_m2=2e3
)  # fmt: skip
START = Event(2, "A", EventKind.START, date(2021, 1, 1), MOMENT, HOSTILE)
DONE = Told(
    "A", "record", done=True, title="已记第 2 号", lines=(f"地块 {HOSTILE}：动工 2021-01-01",),
    day=date(2021, 1, 1), by=HOSTILE, version="x-2", at=MOMENT,
)  # fmt: skip


def test_what_was_done_is_told_with_its_version_and_as_text() -> None:
    html = render("outcome.html", told=DONE)
    assert "<img" not in html
    assert "记于 2026-06-30 10:15 · 台账版本 x-2" in html
    assert "截至日期" not in html
    assert "晚于页面的截至日期 2020-12-31" in render(
        "outcome.html", told=replace(DONE, later_than=date(2020, 12, 31))
    )


def test_a_refusal_names_no_version_and_silence_is_empty() -> None:
    html = render(
        "outcome.html", told=Told("A", "record", done=False, title="没有记入", lines=("一", "二"))
    )
    assert "版本" not in html
    assert html.count("<p>") == 2
    assert render("outcome.html", told=None).strip() == ""


def test_others_lines_are_told_as_text() -> None:
    void = replace(START, event_id=3, kind=EventKind.VOID, supersedes=2, reason=HOSTILE)
    html = render("newer_lines.html", lines=[START, void])
    assert "<img" not in html
    assert "记了“动工” 2021-01-01" in html
    assert "作废了第 2 号" in html
    assert render("newer_lines.html", lines=[]).strip() == ""


def test_a_correction_of_a_day_leaves_the_area_as_it_was() -> None:
    recorded = replace(REGISTER, area_m2=6642.1357)
    assert typed_m2(shown_mu(6642.1357), recorded) == 6642.1357
    assert typed_m2(9.0, recorded) == pytest.approx(6000.0)
    assert typed_m2(None, recorded) is None
    assert typed_m2(9.0, None) == pytest.approx(6000.0)


@pytest.mark.parametrize(
    ("event", "standing", "acts"),
    [
        (START, [REGISTER, START], ("correct", "void")),
        (REGISTER, [REGISTER, START], ("correct",)),
        (REGISTER, [REGISTER], ("correct", "void")),
        (replace(START, kind=EventKind.SPLIT), [REGISTER], ("undo",)),
        (replace(START, kind=EventKind.MERGE), [REGISTER], ("undo",)),
        (replace(REGISTER, opening=Opening()), [REGISTER], ()),
    ],
)
def test_a_line_offers_what_the_ledger_takes(
    event: Event, standing: list[Event], acts: tuple[str, ...]
) -> None:
    assert acts_of(event, standing) == acts
