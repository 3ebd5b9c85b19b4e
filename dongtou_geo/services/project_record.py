"""记项目: one event of a project, checked against what is known, written with who and from which paper."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from dongtou_geo.domain.day import day_here
from dongtou_geo.domain.project_event import (
    PROJECT_CHAIN,
    Happened,
    ProjectEvent,
    ProjectEventKind,
    RollingStage,
    order_problem,
    standing_project_events,
)
from dongtou_geo.errors import EventError
from dongtou_geo.services.record import LONGEST_TEXT, Clerk, ConflictError
from dongtou_geo.store.ledger import Ledger, Writer
from dongtou_geo.store.project_events import add_project_events, project_events

RECORDABLE_ON_PROJECT: tuple[ProjectEventKind, ...] = tuple(
    kind for kind in ProjectEventKind if kind is not ProjectEventKind.VOID
)
SAMPLE_REFUSED = (
    "示例台账不记项目事件：附表 43 项都是真实项目，示例中不应有关于它们的说法；"
    "请先用 ledger new 新建台账"
)


@dataclass(frozen=True, slots=True)
class ProjectDraft:
    """What a clerk wants to record of a project.

    Parameters
    ----------
    project_no : int
        The annex's number.
    kind : ProjectEventKind
        What happened.
    happened : Happened
        When.
    source_doc : str
        The paper.
    stage : RollingStage or None
        For ``stage`` only.
    invested_wan : float or None
        For ``invest`` only: everything invested up to that day, 万元.
    supersedes : int or None
        The line that this one corrects.
    reason : str or None
        Why; required with ``supersedes``.
    """

    project_no: int
    kind: ProjectEventKind
    happened: Happened
    source_doc: str
    stage: RollingStage | None = None
    invested_wan: float | None = None
    supersedes: int | None = None
    reason: str | None = None


def record_project_event(
    ledger: Ledger,
    draft: ProjectDraft,
    clerk: Clerk,
    *,
    project_nos: Collection[int],
    seen: int | None = None,
) -> ProjectEvent:
    """Record one event, or refuse it with everything that is wrong with it.

    Parameters
    ----------
    ledger : Ledger
        Where to; the sample takes none.
    draft : ProjectDraft
        What happened.
    clerk : Clerk
        Who says so.
    project_nos : collection of int
        The projects there are.
    seen : int, optional
        The project's last line that the clerk saw; a newer one refuses the draft.

    Returns
    -------
    ProjectEvent
        With its id.

    Raises
    ------
    EventError
        If the event does not fit; the ledger is as before.
    ConflictError
        If somebody else recorded on the project meanwhile.
    LedgerError
        If the ledger cannot be written; it is as before.
    """
    with ledger.writing() as writer:
        own = _own(writer, draft.project_no, seen)
        event = _event(draft, clerk)
        problems = [*_alone(event, clerk, project_nos), *_correction(own, event)]
        problems = problems or _among(own, event)
        if problems:
            raise EventError("；".join(problems))
        (event_id,) = add_project_events(writer.connection, [event])
    return replace(event, event_id=event_id)


def void_project_event(
    ledger: Ledger,
    project_no: int,
    event_id: int,
    reason: str,
    clerk: Clerk,
    *,
    seen: int | None = None,
) -> ProjectEvent:
    """Cancel one line, as if it had never been recorded.

    Parameters
    ----------
    ledger : Ledger
        Where.
    project_no : int
        The project.
    event_id : int
        The line to cancel.
    reason : str
        Why.
    clerk : Clerk
        Who says so.
    seen : int, optional
        As for ``record_project_event``.

    Returns
    -------
    ProjectEvent
        The void.

    Raises
    ------
    EventError
        If there is no such line that stands, no reason is given, or what remains cannot be.
    """
    with ledger.writing() as writer:
        own = _own(writer, project_no, seen)
        target = _target(own, event_id)
        if target is None:
            msg = f"项目 {project_no} 没有仍然有效的第 {event_id} 号记录，无法作废"
            raise EventError(msg)
        draft = ProjectDraft(
            project_no,
            ProjectEventKind.VOID,
            target.happened,
            target.source_doc,
            supersedes=event_id,
            reason=reason,
        )
        event = _event(draft, clerk)
        problems = [*_texts(event), *_correction(own, event)] or _order(own, event)
        if problems:
            raise EventError("；".join(problems))
        (given,) = add_project_events(writer.connection, [event])
    return replace(event, event_id=given)


def _own(writer: Writer, project_no: int, seen: int | None) -> list[ProjectEvent]:
    """Return the project's lines, unless the ledger or the clerk's sight of it forbids more."""
    if writer.identity().sample:
        raise EventError(SAMPLE_REFUSED)
    own = project_events(writer.connection, project_no)
    newer = [event for event in own if seen is not None and event.event_id > seen]
    if newer:
        last = newer[-1]
        msg = (
            f"项目 {project_no} 刚由 {last.recorded_by} 记了“{last.kind.label}”"
            f"（{last.happened.text}），请看过后再提交；您填的内容没有写入"
        )
        raise ConflictError(msg)
    return own


def _event(draft: ProjectDraft, clerk: Clerk) -> ProjectEvent:
    return ProjectEvent(
        event_id=0,
        project_no=draft.project_no,
        kind=draft.kind,
        happened=draft.happened,
        source_doc=draft.source_doc.strip(),
        recorded_at=clerk.now,
        recorded_by=clerk.name.strip(),
        stage=draft.stage,
        invested_wan=draft.invested_wan,
        supersedes=draft.supersedes,
        reason=(draft.reason or "").strip() or None,
    )


def _alone(event: ProjectEvent, clerk: Clerk, project_nos: Collection[int]) -> list[str]:
    """Return what is wrong with an event whatever else is known."""
    today, latest = day_here(clerk.now), event.happened.latest
    problems = _texts(event)
    if event.project_no not in project_nos:
        problems.append(f"附表没有第 {event.project_no} 项")
    if event.kind not in RECORDABLE_ON_PROJECT:
        problems.append(f"“{event.kind.label}”不能直接记录")
    if latest > today:
        problems.append(f"日期 {event.happened.text} 到 {latest} 才算过完，晚于今天 {today}")
    if not event.source_doc:
        problems.append("请填写依据文件")
    if (event.kind is ProjectEventKind.STAGE) != (event.stage is not None):
        problems.append("滚动阶段应为 实施、推进、谋划、储备 之一，且只在“滚动阶段”一项填写")
    return [*problems, *_money(event)]


def _money(event: ProjectEvent) -> list[str]:
    amount = event.invested_wan
    if (event.kind is ProjectEventKind.INVEST) != (amount is not None):
        return ["累计完成投资（万元）应填写，且只在“累计完成投资”一项填写"]
    if amount is not None and not (math.isfinite(amount) and amount >= 0):
        return [f"累计完成投资 {amount} 不合适，应为不小于 0 的万元数"]
    return []


def _texts(event: ProjectEvent) -> list[str]:
    texts = {"依据文件": event.source_doc, "理由": event.reason, "经办人": event.recorded_by}
    nobody = [] if event.recorded_by else ["请填写经办人"]
    return nobody + [
        f"{name}有 {len(text)} 个字符，应不超过 {LONGEST_TEXT} 个"
        for name, text in texts.items()
        if text and len(text) > LONGEST_TEXT
    ]


def _correction(own: Sequence[ProjectEvent], event: ProjectEvent) -> list[str]:
    if event.supersedes is None:
        return []
    problems = []
    target = _target(own, event.supersedes)
    if target is None:
        problems.append(
            f"项目 {event.project_no} 没有仍然有效的第 {event.supersedes} 号记录可以更正"
        )
    elif event.kind not in (target.kind, ProjectEventKind.VOID):
        problems.append(
            f"第 {event.supersedes} 号是“{target.kind.label}”，不能更正为“{event.kind.label}”；"
            "请作废后另记"
        )
    if not event.reason:
        problems.append("更正或作废须写明理由")
    return problems


def _target(own: Sequence[ProjectEvent], event_id: int) -> ProjectEvent | None:
    return next((e for e in standing_project_events(own) if e.event_id == event_id), None)


def _among(own: Sequence[ProjectEvent], event: ProjectEvent) -> list[str]:
    """Return what does not fit with the lines that stand: twice, reversed, or less than before."""
    if event.kind in PROJECT_CHAIN and event.supersedes is None:
        ended = [
            e.happened.latest
            for e in standing_project_events(own)
            if e.kind is ProjectEventKind.TERMINATE and e.happened.latest < event.happened.latest
        ]
        for earlier in standing_project_events(own):
            since = max(ended, default=None)
            if earlier.kind is event.kind and (since is None or earlier.happened.latest > since):
                return [
                    f"项目 {event.project_no} 已记 {earlier.happened.text} {earlier.kind.label}"
                    f"（第 {earlier.event_id} 号）；日期有误请更正那一条"
                ]
    return [*_order(own, event), *_shrinking(own, event)]


def _order(own: Sequence[ProjectEvent], event: ProjectEvent) -> list[str]:
    wrong = order_problem(_after(own, event))
    return [f"先后颠倒：{wrong}"] if wrong else []


def _shrinking(own: Sequence[ProjectEvent], event: ProjectEvent) -> list[str]:
    invested = [e for e in _after(own, event) if e.kind is ProjectEventKind.INVEST]
    for early, late in pairwise(invested):
        if (late.invested_wan or 0.0) < (early.invested_wan or 0.0):
            return [
                f"累计完成投资不应减少：{early.happened.text} 为 {early.invested_wan:,.10g} 万元，"
                f"{late.happened.text} 为 {late.invested_wan:,.10g} 万元；有误请更正"
            ]
    return []


def _after(own: Sequence[ProjectEvent], event: ProjectEvent) -> list[ProjectEvent]:
    """Return the lines that would stand with a new one."""
    last = max((e.event_id for e in own), default=0)
    return standing_project_events([*own, replace(event, event_id=last + 1)])
