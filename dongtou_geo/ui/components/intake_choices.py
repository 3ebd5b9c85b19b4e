"""What was understood of a file, and where the clerk says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from dongtou_geo.domain.ledger_field import LEDGER_FIELDS
from dongtou_geo.formats.arrived import ChoiceNeededError
from dongtou_geo.services.intake.choices import Choices
from dongtou_geo.services.intake.desk import Desk
from dongtou_geo.services.intake.examine import Examined
from dongtou_geo.services.intake.mapping import units_of
from dongtou_geo.ui import cache
from dongtou_geo.ui.components.intake_words import CHANGES, mapped, question, said
from dongtou_geo.ui.components.render import render

Again = Callable[[Desk], None]
CRS_WORDS = {
    "auto": "自动判断",
    "EPSG:4490": "CGCS2000 经纬度（4490）",
    "EPSG:4549": "CGCS2000 3 度带 中央经线 120°（4549）",
    "EPSG:4528": "CGCS2000 3 度带 第 40 带（4528）",
    "EPSG:4550": "CGCS2000 3 度带 中央经线 123°（4550）",
    "EPSG:4529": "CGCS2000 3 度带 第 41 带（4529）",
    "EPSG:4326": "WGS 84 经纬度（4326）",
}
ENCODINGS = {"auto": "自动判断", "UTF-8": "UTF-8", "GB18030": "GBK / GB18030"}
_NONE = "—"


def choice_needed(desk: Desk, asked: ChoiceNeededError, again: Again) -> None:
    """Ask what only the clerk can know.

    Parameters
    ----------
    desk : Desk
        The file.
    asked : ChoiceNeededError
        The question, with its options.
    again : callable
        Examines the file with what was chosen.
    """
    st.html(render("intake_question.html", name=desk.name, words=question(str(asked))))

    def choose() -> None:
        word = st.session_state["intake-answer"]
        if word:
            desk.choices = _answered(desk.choices, asked.flag, word)
            again(desk)

    with st.form("intake-question", border=False):
        st.selectbox("请选择", asked.options, key="intake-answer", index=None,
                     placeholder="从文件里的内容中选一个", format_func=_option)  # fmt: skip
        st.form_submit_button("按此检查", type="primary", on_click=choose)


def understood(desk: Desk, examined: Examined, again: Again) -> None:
    """Show what was understood, and let it be changed.

    Parameters
    ----------
    desk : Desk
        The file.
    examined : Examined
        What was found.
    again : callable
        Examines the file anew.
    """
    st.html(render("intake_understood.html", examined=examined, fields=LEDGER_FIELDS, said=said))
    with st.expander(CHANGES), st.form("intake-choices", border=False):
        first, second, third, fourth = st.columns(4)
        parks = cache.ground().park_names
        choices = desk.choices
        crs = list(dict.fromkeys([*CRS_WORDS, choices.crs]))
        first.selectbox("坐标系", crs, index=crs.index(choices.crs), key="intake-crs",
                        format_func=_option)  # fmt: skip
        encodings = list(dict.fromkeys([*ENCODINGS, choices.encoding]))
        second.selectbox("文字编码", encodings, index=encodings.index(choices.encoding),
                         key="intake-encoding", format_func=lambda e: ENCODINGS.get(e, e))  # fmt: skip
        options = [None, *parks]
        third.selectbox("全部地块所属园区", options, index=options.index(choices.park_id),
                        key="intake-park", format_func=lambda p: parks[p] if p else "按文件")  # fmt: skip
        fourth.date_input("生效日（新图形、新园区、无日期地块）", value=examined.on, max_value=cache.today(),
                          key="intake-on", format="YYYY-MM-DD")  # fmt: skip
        edited = st.data_editor(_columns(examined), hide_index=True, key="intake-columns",
                                disabled=["文件中的列", "样例"], column_config=_config(), height=320)  # fmt: skip
        if st.form_submit_button("按修改重新检查", type="primary"):
            desk.choices = _changed(desk, examined, edited)
            again(desk)
            st.rerun()


def _option(word: str) -> str:
    if "=" in word:
        return mapped(word)
    base, plus, extra = word.partition("+")
    shown = CRS_WORDS.get(base, base)
    extras = {"swap": "坐标轴对调", "gcj02": "由 GCJ-02 反算，非测绘精度"}
    return f"{shown}，{extras.get(extra, extra)}" if plus else shown


def _answered(choices: Choices, flag: str, word: str) -> Choices:
    if flag == "--map":
        name, _, column = word.partition("=")
        return replace(choices, columns={**choices.columns, name: column})
    if flag == "--crs":
        return replace(choices, crs=word)
    return replace(choices, encoding=word) if flag == "--encoding" else replace(choices, layer=word)


def _columns(examined: Examined) -> pd.DataFrame:
    cells, fields = examined.arrived.cells, examined.mapping.fields
    owner = {mapped.column: (name, mapped.unit) for name, mapped in fields.items()}
    rows = []
    for column in cells.columns:
        name, unit = owner.get(str(column), ("", ""))
        sample = cells[column].dropna()
        rows.append(
            {
                "文件中的列": str(column),
                "样例": str(sample.iloc[0])[:40] if len(sample) else "",
                "台账字段": LEDGER_FIELDS[name].label if name else _NONE,
                "单位": unit or _NONE,
            }
        )
    return pd.DataFrame(rows, columns=["文件中的列", "样例", "台账字段", "单位"])


def _config() -> dict[str, Any]:
    labels = [field.label for field in LEDGER_FIELDS.values()]
    units = [_NONE, "亩", "公顷", "平方米", "m2", "万元", "亿元"]
    return {
        "台账字段": st.column_config.SelectboxColumn(options=[_NONE, *labels], required=True),
        "单位": st.column_config.SelectboxColumn(options=units),
    }


def _changed(desk: Desk, examined: Examined, edited: pd.DataFrame) -> Choices:
    """Return the choices with what the clerk changed; a field taken away is named as empty."""
    by_label = {field.label: name for name, field in LEDGER_FIELDS.items()}
    chosen: dict[str, str] = dict.fromkeys(examined.mapping.fields, "")
    for column, label, unit in edited[["文件中的列", "台账字段", "单位"]].itertuples(index=False):
        name = by_label.get(label)
        if name is not None:
            known = units_of(LEDGER_FIELDS[name])
            chosen[name] = f"{column}:{unit}" if unit in known and unit else column
    state: Mapping[Any, Any] = st.session_state
    return replace(
        desk.choices,
        crs=state["intake-crs"],
        encoding=state["intake-encoding"],
        park_id=state["intake-park"],
        registered_on=state["intake-on"],
        columns=chosen,
    )
