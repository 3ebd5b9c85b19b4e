"""记项目 and 更正: one form, checked by the service; what was typed stays until it is accepted."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, date, datetime

import streamlit as st

from dongtou_geo.domain.day import day_here
from dongtou_geo.domain.project_event import (
    Happened,
    Precision,
    ProjectEvent,
    ProjectEventKind,
    RollingStage,
)
from dongtou_geo.errors import DongtouGeoError
from dongtou_geo.services.progress import LedgerView
from dongtou_geo.services.project_record import (
    RECORDABLE_ON_PROJECT,
    SAMPLE_REFUSED,
    ProjectDraft,
    record_project_event,
    void_project_event,
)
from dongtou_geo.services.projects import ProjectRow
from dongtou_geo.services.record import Clerk
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.ui.state import EARLIEST

OUTCOME = "project-outcome"
CORRECTING = "project-correcting"
_SHOWN = "project-shown"
_ROUNDS = "project-rounds"
_NO_LEDGER = "尚无台账，不能记录：请先在“数据入库”导入，台账随之建立"


def project_form(view: LedgerView, row: ProjectRow, project_nos: Collection[int]) -> None:
    """Show the form for a new event or a correction; with the sample, why there is none.

    Parameters
    ----------
    view : LedgerView
        The ledger shown.
    row : ProjectRow
        The project, as it is shown now.
    project_nos : collection of int
        The projects there are.
    """
    kind, words = st.session_state.pop(OUTCOME, (None, ""))
    if kind == "done":
        st.success(words)
    elif kind == "refused":
        st.error(words)
    if view.ledger is None or view.stamp.sample:
        words = _NO_LEDGER if view.ledger is None else SAMPLE_REFUSED
        st.html(f'<div class="dtg-refused ask"><p>{words}</p></div>')
        return
    number = st.session_state.get(CORRECTING)
    corrected = next((event for event in row.standing if event.event_id == number), None)
    _form(view.ledger, row, corrected, project_nos)


def _form(
    ledger: Ledger,
    row: ProjectRow,
    corrected: ProjectEvent | None,
    project_nos: Collection[int],
) -> None:
    number = row.project.no
    # After a record the next form is a new one; until then it keeps what was typed.
    rounds = st.session_state.get(_ROUNDS, 0)
    prefix = f"prj-{number}-{corrected.event_id if corrected else 'new'}-{rounds}"
    # What the clerk sees now is what a later submit answers to.
    st.session_state[_SHOWN] = row.last_id

    def submit() -> None:
        _attempt(
            prefix,
            lambda clerk, seen: record_project_event(
                ledger, _draft(prefix, number, corrected), clerk, project_nos=project_nos, seen=seen
            ),
        )

    def cancel() -> None:
        if corrected is not None:
            reason = str(st.session_state.get(f"{prefix}-reason") or "")
            _attempt(
                prefix,
                lambda clerk, seen: void_project_event(
                    ledger, number, corrected.event_id, reason, clerk, seen=seen
                ),
            )

    title = f"更正第 {corrected.event_id} 号" if corrected else "记一件事"
    with st.form(prefix, border=False):
        st.html(f"<h3 class='dtg-h3'>{title}</h3>")
        _fields(prefix, corrected)
        with st.container(horizontal=True):
            st.form_submit_button("提交", type="primary", on_click=submit)
            if corrected is not None:
                st.form_submit_button("作废这条记录", on_click=cancel)


def _fields(prefix: str, corrected: ProjectEvent | None) -> None:
    today = day_here(datetime.now(UTC))
    # Nothing is chosen beforehand: a form submitted by accident must record nothing.
    kinds = [corrected.kind] if corrected else list(RECORDABLE_ON_PROJECT)
    st.selectbox("事项", kinds, index=0 if corrected else None, key=f"{prefix}-kind",
                 format_func=lambda kind: kind.label, placeholder="请选择")  # fmt: skip
    day, precision = st.columns([1, 1], gap="small")
    day.date_input(
        "发生日期", value=corrected.happened.on if corrected else today, min_value=EARLIEST,
        max_value=today, key=f"{prefix}-day", format="YYYY-MM-DD",
    )  # fmt: skip
    words = list(Precision)
    precision.selectbox(
        "日期所知", words, key=f"{prefix}-precision", format_func=lambda word: word.label,
        index=words.index(corrected.happened.precision) if corrected else 0,
    )  # fmt: skip
    if corrected is None or corrected.kind is ProjectEventKind.STAGE:
        stages = list(RollingStage)
        st.selectbox(
            "滚动阶段（仅“滚动阶段”填）", stages, key=f"{prefix}-stage", placeholder="不填",
            index=stages.index(corrected.stage) if corrected and corrected.stage else None,
            format_func=lambda stage: stage.label,
        )  # fmt: skip
    if corrected is None or corrected.kind is ProjectEventKind.INVEST:
        st.number_input(
            "自开工累计（万元，仅“累计完成投资”填）", min_value=0.0, step=None, format="%.2f",
            value=corrected.invested_wan if corrected else None, key=f"{prefix}-invested",
            placeholder="不填",
        )  # fmt: skip
    source = corrected.source_doc if corrected else ""
    st.text_input("依据文件（必填）", value=source, key=f"{prefix}-doc")
    if corrected is not None:
        st.text_input("更正或作废的理由（必填）", key=f"{prefix}-reason")
    st.text_input("经办人（必填）", value=st.session_state.get("clerk", ""), key=f"{prefix}-by")


def _draft(prefix: str, number: int, corrected: ProjectEvent | None) -> ProjectDraft:
    typed = {
        name: st.session_state.get(f"{prefix}-{name}")
        for name in ("kind", "day", "precision", "stage", "invested", "doc", "reason")
    }
    kind, day, precision = typed["kind"], typed["day"], typed["precision"]
    if not isinstance(kind, ProjectEventKind) or not isinstance(day, date) or precision is None:
        msg = "请选择事项并填写发生日期"
        raise DongtouGeoError(msg)
    return ProjectDraft(
        project_no=number,
        kind=kind,
        happened=Happened(day, Precision(precision)),
        source_doc=str(typed["doc"] or ""),
        stage=typed["stage"],
        invested_wan=typed["invested"],
        supersedes=corrected.event_id if corrected else None,
        reason=typed["reason"],
    )


def _attempt(prefix: str, write: Callable[[Clerk, int | None], ProjectEvent]) -> None:
    """Write, or keep everything as typed and say what was wrong."""
    name = str(st.session_state.get(f"{prefix}-by") or "").strip()
    st.session_state["clerk"] = name
    try:
        event = write(Clerk(name, datetime.now(UTC)), st.session_state.get(_SHOWN))
    except DongtouGeoError as error:
        st.session_state[OUTCOME] = ("refused", str(error))
        return
    words = f"已记第 {event.event_id} 号：{event.kind.label} {event.happened.text}"
    st.session_state[OUTCOME] = ("done", words)
    st.session_state.pop(CORRECTING, None)
    st.session_state[_ROUNDS] = st.session_state.get(_ROUNDS, 0) + 1
