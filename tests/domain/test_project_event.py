"""A project's status follows from dated lines; what is not certain is not claimed."""

from datetime import UTC, date, datetime

import pytest

from dongtou_geo.domain.project_event import (
    PROJECT_STATUSES,
    Confidence,
    Happened,
    Precision,
    ProjectEvent,
    ProjectEventKind,
    ProjectState,
    PublicReport,
    RollingStage,
    order_problem,
    project_state,
    standing_project_events,
)

NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)
LATER = date(2026, 6, 1)


def line(
    event_id: int, kind: str, on: date, precision: str = "day", **given: object
) -> ProjectEvent:
    happened = Happened(on, Precision(precision))
    made = ProjectEvent(event_id, 17, ProjectEventKind(kind), happened, "批文", NOW, "张三")
    return ProjectEvent(**{name: getattr(made, name) for name in ProjectEvent.__slots__} | given)


def report(kind: str, on: date, precision: str = "day", confidence: str = "high") -> PublicReport:
    happened = Happened(on, Precision(precision))
    return PublicReport(
        17, ProjectEventKind(kind), happened, "a.test/1", date(2026, 1, 1), Confidence(confidence), "注"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("precision", "earliest", "latest", "text"),
    [
        ("day", date(2020, 2, 10), date(2020, 2, 10), "2020-02-10"),
        ("month", date(2020, 2, 1), date(2020, 2, 29), "2020-02"),
        ("year", date(2020, 1, 1), date(2020, 12, 31), "2020年"),
        ("by", None, date(2020, 2, 10), "不晚于 2020-02-10"),
    ],
)
def test_a_day_is_known_as_well_as_it_was_written(
    precision: str, earliest: date | None, latest: date, text: str
) -> None:
    happened = Happened(date(2020, 2, 10), Precision(precision))
    assert (happened.earliest, happened.latest, happened.text) == (earliest, latest, text)


def test_the_last_day_of_december_is_in_december() -> None:
    assert Happened(date(2019, 12, 31), Precision.MONTH).latest == date(2019, 12, 31)


def test_nothing_said_is_unreported_and_not_unstarted() -> None:
    state = project_state([], [], LATER)
    assert state == ProjectState()
    assert (state.kind, state.label) == (None, "状态未填报")


def test_a_year_counts_from_its_end_and_not_before() -> None:
    told = [report("start", date(2018, 1, 1), "year")]
    assert project_state(told, [], date(2018, 12, 30)).kind is None
    assert project_state(told, [], date(2018, 12, 31)).kind is ProjectEventKind.START


def test_the_furthest_stage_counts_however_late_it_was_entered() -> None:
    lines = [line(1, "produce", date(2019, 5, 1)), line(2, "start", date(2017, 1, 1))]
    assert project_state([], lines, LATER).status == lines[0]
    assert project_state([], lines, date(2018, 1, 1)).status == lines[1]


def test_of_two_that_say_the_same_the_ledgers_counts() -> None:
    own = line(1, "start", date(2018, 3, 2))
    assert project_state([report("start", date(2018, 6, 1))], [own], LATER).status == own


def test_a_lead_is_shown_and_never_counted() -> None:
    lead = report("start", date(2018, 1, 1), confidence="low")
    state = project_state([lead], [], LATER)
    assert (state.kind, state.leads) == (None, (lead,))


def test_a_termination_ends_it_until_something_goes_on() -> None:
    lines = [line(1, "start", date(2017, 1, 1)), line(2, "terminate", date(2019, 1, 1))]
    assert project_state([], lines, LATER).label == "终止"
    again = [*lines, line(3, "start", date(2021, 1, 1))]
    assert project_state([], again, LATER).status == again[-1]
    assert project_state([], again, date(2020, 1, 1)).label == "终止"


def test_stage_and_investment_are_the_latest_of_their_kind() -> None:
    lines = [
        line(1, "stage", date(2020, 1, 1), stage=RollingStage.PLAN),
        line(2, "stage", date(2021, 1, 1), stage=RollingStage.IMPLEMENT),
        line(3, "invest", date(2020, 12, 31), invested_wan=500.0),
    ]
    state = project_state([], lines, LATER)
    assert (state.stage, state.invested, state.kind) == (lines[1], lines[2], None)
    assert project_state([], lines, date(2020, 6, 1)).stage == lines[0]


def test_the_four_rolling_stages_are_those_of_the_district() -> None:
    assert [stage.label for stage in RollingStage] == ["实施", "推进", "谋划", "储备"]
    assert [kind.label for kind in PROJECT_STATUSES] == ["前期", "开工", "竣工", "投产", "终止"]


def test_a_correction_takes_the_place_and_a_void_leaves_what_was_before() -> None:
    wrong = line(1, "start", date(2018, 1, 1))
    right = line(2, "start", date(2018, 5, 1), supersedes=1, reason="笔误")
    assert standing_project_events([wrong, right]) == [right]
    void = line(3, "void", date(2018, 5, 1), supersedes=2, reason="原记录无误")
    assert standing_project_events([wrong, right, void]) == [wrong]
    assert standing_project_events([wrong, line(2, "void", LATER, supersedes=1)]) == []


@pytest.mark.parametrize(
    ("early", "late", "wrong"),
    [
        (("start", date(2018, 1, 1), "day"), ("produce", date(2017, 12, 31), "day"), True),
        (("start", date(2018, 1, 1), "day"), ("produce", date(2018, 1, 1), "day"), False),
        # Only what is certain is a contradiction.
        (("start", date(2018, 6, 1), "year"), ("complete", date(2018, 4, 1), "month"), False),
        (("start", date(2018, 6, 1), "year"), ("complete", date(2017, 12, 1), "month"), True),
        (("start", date(2019, 1, 1), "by"), ("produce", date(2018, 1, 1), "day"), False),
        (("start", date(2019, 1, 1), "day"), ("produce", date(2018, 1, 1), "by"), True),
    ],
)
def test_a_later_stage_before_an_earlier_one_is_named(
    early: tuple[str, date, str], late: tuple[str, date, str], wrong: bool
) -> None:
    found = order_problem([line(1, *early), line(2, *late)])
    assert bool(found) is wrong
    if found:
        assert "早于“开工”" in found


def test_what_began_anew_after_a_termination_is_no_contradiction() -> None:
    lines = [
        line(1, "complete", date(2017, 1, 1)),
        line(2, "terminate", date(2018, 1, 1)),
        line(3, "start", date(2019, 1, 1)),
    ]
    assert order_problem(lines) is None
    assert order_problem([lines[0], lines[2]]) is not None
