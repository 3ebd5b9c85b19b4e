"""Recording on a project: kept with who, when and from which paper, or refused in words."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from dongtou_geo.domain.project_event import (
    Happened,
    Precision,
    ProjectEvent,
    ProjectEventKind,
    RollingStage,
)
from dongtou_geo.errors import EventError
from dongtou_geo.services.project_record import (
    ProjectDraft,
    record_project_event,
    void_project_event,
)
from dongtou_geo.services.record import Clerk, ConflictError
from dongtou_geo.services.sample import make_sample
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create
from dongtou_geo.store.project_events import project_events

NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)
CLERK = Clerk("李四", NOW)
NUMBERS = range(1, 44)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return create(file_url(tmp_path / "ledger.sqlite"))


def note(ledger: Ledger, kind: str, on: date, **given: Any) -> ProjectEvent:
    clerk, seen = given.pop("clerk", CLERK), given.pop("seen", None)
    happened = Happened(on, Precision(given.pop("precision", "day")))
    draft = ProjectDraft(
        given.pop("no", 5),
        ProjectEventKind(kind),
        happened,
        given.pop("doc", "批文〔2018〕1号"),
        **given,
    )
    return record_project_event(ledger, draft, clerk, project_nos=NUMBERS, seen=seen)


def lines(ledger: Ledger, no: int = 5) -> list[ProjectEvent]:
    with ledger.reading() as snapshot:
        return project_events(snapshot.connection, no)


def test_what_is_recorded_is_kept_with_who_when_and_from_which_paper(ledger: Ledger) -> None:
    given = note(ledger, "start", date(2018, 1, 1), precision="year", doc="  批文 ")
    assert lines(ledger) == [given]
    assert (given.event_id, given.recorded_by, given.recorded_at) == (1, "李四", NOW)
    assert (given.source_doc, given.happened.text) == ("批文", "2018年")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"no": 44}, "附表没有第 44 项"),
        ({"kind": "void"}, "“作废”不能直接记录"),
        ({"on": date(2026, 6, 2)}, "晚于今天 2026-06-01"),
        ({"precision": "year", "on": date(2026, 1, 1)}, "2026年 到 2026-12-31 才算过完"),
        ({"doc": " "}, "请填写依据文件"),
        ({"doc": "文" * 501}, "依据文件有 501 个字符"),
        ({"clerk": Clerk("  ", NOW)}, "请填写经办人"),
        ({"kind": "stage"}, "滚动阶段应为"),
        ({"stage": RollingStage.PLAN}, "滚动阶段应为"),
        ({"kind": "invest"}, "累计完成投资（万元）应填写"),
        ({"invested_wan": 1.0}, "只在“累计完成投资”一项"),
        ({"kind": "invest", "invested_wan": -1.0}, "不小于 0"),
        ({"kind": "invest", "invested_wan": float("nan")}, "不小于 0"),
        ({"supersedes": 7, "reason": "x"}, "没有仍然有效的第 7 号记录可以更正"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(
    ledger: Ledger, given: dict[str, Any], words: str
) -> None:
    given = dict[str, Any]({"kind": "start", "on": date(2018, 1, 1)}, **given)
    with pytest.raises(EventError, match=words):
        note(ledger, given.pop("kind"), given.pop("on"), **given)
    assert lines(ledger) == []


def test_everything_wrong_is_said_at_once(ledger: Ledger) -> None:
    with pytest.raises(EventError) as refused:
        note(ledger, "stage", date(2027, 1, 1), no=99, doc="")
    for words in ("附表没有", "晚于今天", "依据文件", "滚动阶段"):
        assert words in str(refused.value)


def test_the_sample_takes_nothing_about_real_projects(tmp_path: Path) -> None:
    sample = make_sample(tmp_path / "sample.sqlite")
    with pytest.raises(EventError, match="示例台账不记项目事件"):
        note(sample, "start", date(2018, 1, 1))
    assert lines(sample) == []


def test_a_stage_reached_twice_is_a_correction_instead(ledger: Ledger) -> None:
    note(ledger, "start", date(2018, 1, 1))
    with pytest.raises(EventError, match="已记 2018-01-01 开工（第 1 号）"):
        note(ledger, "start", date(2019, 1, 1))
    note(ledger, "terminate", date(2019, 6, 1))
    note(ledger, "start", date(2020, 1, 1))
    assert [line.kind.label for line in lines(ledger)] == ["开工", "终止", "开工"]


def test_a_reversed_order_is_refused(ledger: Ledger) -> None:
    note(ledger, "start", date(2018, 1, 1))
    with pytest.raises(EventError, match="先后颠倒"):
        note(ledger, "produce", date(2017, 1, 1))
    note(ledger, "produce", date(2018, 6, 1), precision="month")
    with pytest.raises(EventError, match="先后颠倒"):
        note(ledger, "complete", date(2019, 1, 1))


def test_investment_to_date_never_shrinks(ledger: Ledger) -> None:
    note(ledger, "invest", date(2019, 12, 31), invested_wan=500.0)
    with pytest.raises(EventError, match="累计完成投资不应减少：2019-12-31 为 500 万元"):
        note(ledger, "invest", date(2020, 12, 31), invested_wan=400.0)
    note(ledger, "invest", date(2018, 12, 31), invested_wan=0.0)


def test_a_correction_needs_a_reason_and_supersedes(ledger: Ledger) -> None:
    note(ledger, "start", date(2018, 1, 1))
    with pytest.raises(EventError, match="须写明理由"):
        note(ledger, "start", date(2018, 3, 1), supersedes=1, reason=" ")
    with pytest.raises(EventError, match="不能更正为“竣工”"):
        note(ledger, "complete", date(2018, 3, 1), supersedes=1, reason="笔误")
    right = note(ledger, "start", date(2018, 3, 1), supersedes=1, reason="笔误")
    assert (right.supersedes, right.reason) == (1, "笔误")
    with pytest.raises(EventError, match="没有仍然有效的第 1 号"):
        note(ledger, "start", date(2018, 4, 1), supersedes=1, reason="又一次")
    assert len(lines(ledger)) == 2


def test_a_void_needs_a_reason_and_a_line_that_stands(ledger: Ledger) -> None:
    note(ledger, "start", date(2018, 1, 1))
    with pytest.raises(EventError, match="须写明理由"):
        void_project_event(ledger, 5, 1, "", CLERK)
    with pytest.raises(EventError, match="没有仍然有效的第 9 号"):
        void_project_event(ledger, 5, 9, "误记", CLERK)
    with pytest.raises(EventError, match="没有仍然有效的第 1 号"):
        void_project_event(ledger, 6, 1, "误记", CLERK)
    given = void_project_event(ledger, 5, 1, "误记", CLERK)
    assert (given.kind, given.supersedes, given.event_id) == (ProjectEventKind.VOID, 1, 2)


def test_a_void_that_leaves_a_reversed_order_is_refused(ledger: Ledger) -> None:
    note(ledger, "start", date(2019, 1, 1))
    note(ledger, "start", date(2018, 1, 1), supersedes=1, reason="笔误")
    note(ledger, "produce", date(2018, 6, 1))
    with pytest.raises(EventError, match="先后颠倒"):
        void_project_event(ledger, 5, 2, "原来就对", CLERK)


def test_the_second_of_two_clerks_is_told_and_overwrites_nothing(ledger: Ledger) -> None:
    note(ledger, "start", date(2018, 1, 1), seen=0)
    with pytest.raises(ConflictError, match="项目 5 刚由 李四 记了“开工”（2018-01-01）"):
        note(ledger, "terminate", date(2019, 1, 1), seen=0)
    note(ledger, "terminate", date(2019, 1, 1), no=6, seen=0)
    assert len(lines(ledger)) == 1
