"""What the form of 地块台账 asks of each event: its day, its paper, an area or a park."""

from __future__ import annotations

from dataclasses import dataclass

from dongtou_geo.domain.account import ParcelState
from dongtou_geo.domain.event import EventKind
from dongtou_geo.domain.parcel import Origin
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.domain.written import mu2


@dataclass(frozen=True, slots=True)
class AreaAsked:
    """An area that an event takes, 亩.

    Parameters
    ----------
    label : str
        What is asked.
    hint : str
        What the figure means.
    blank : str
        What an empty field means, shown in it.
    required : bool
        It cannot be left empty.
    """

    label: str
    hint: str
    blank: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class EventFields:
    """What one kind of event asks.

    Parameters
    ----------
    day, day_hint : str
        Which day, and what counts as it.
    doc : str
        Which paper it usually rests on.
    area : AreaAsked or None
        None = the event moves the whole parcel.
    park : str or None
        Which park is asked; None = none.
    """

    day: str
    day_hint: str
    doc: str
    area: AreaAsked | None = None
    park: str | None = None


# Filled sea skips 征收: the use of the sea is approved, then the fill is accepted.
_OF_FILLED_SEA = {
    EventKind.APPROVE: EventFields("用海批复日期", "用海批复文件上的日期", "用海批复文号"),
    EventKind.ACQUIRE: EventFields("填海验收日期", "填海竣工验收通过的日期", "填海验收文号"),
    EventKind.WITHDRAW: EventFields(
        "收回日期", "收回决定书上的日期；该日起地块回到填而未供", "收回决定书文号"
    ),
}
_OF_ALL = {
    EventKind.APPROVE: EventFields(
        "批准日期", "农用地转用、土地征收批复上的日期", "农转用或征收批复文号"
    ),
    EventKind.ACQUIRE: EventFields("征收完成日期", "征地补偿到位、可以供地的日期", "征地协议文号"),
    EventKind.SUPPLY: EventFields(
        "供应日期", "出让合同签订或划拨决定书核发的日期", "合同编号或划拨决定书文号"
    ),
    EventKind.START: EventFields(
        "动工日期", "实际动工的日期，不是约定动工日期", "动工认定书或施工许可证编号"
    ),
    EventKind.COMPLETE: EventFields("竣工日期", "竣工验收通过的日期", "竣工验收文号"),
    EventKind.HALT: EventFields("停工日期", "在建工程停下的日期，状态仍为在建", "巡查记录编号"),
    EventKind.RESUME: EventFields("复工日期", "停工后重新施工的日期", "复工备案编号"),
    EventKind.WITHDRAW: EventFields(
        "收回日期", "收回决定书上的日期；该日起地块回到征而未供", "收回决定书文号"
    ),
    EventKind.END: EventFields("注销日期", "该日起退出台账，不再计入任何园区", "退出依据文号"),
}


def fields_of(kind: EventKind, origin: Origin, state: ParcelState | None) -> EventFields:
    """Return what an event asks of a parcel.

    Parameters
    ----------
    kind : EventKind
        What happened.
    origin : Origin
        Land or filled sea: their papers differ.
    state : ParcelState or None
        Where the parcel stands by what is recorded so far; None = nowhere.
    """
    if origin is Origin.FILLED_SEA and kind in _OF_FILLED_SEA:
        return _OF_FILLED_SEA[kind]
    return _OF_ALL.get(kind) or _measured(kind, state)


def _measured(kind: EventKind, state: ParcelState | None) -> EventFields:
    whole = _mu(state.area_m2) if state else ""
    measured = {
        EventKind.PRODUCE: EventFields(
            "投产日期", "实际投产的日期；投产面积扩大时再记一次", "投产认定表编号",
            AreaAsked("投产面积（亩）", "该日起在产的全部面积，不是新增部分", f"不填为整宗{whole}"),
        ),
        EventKind.STOP: EventFields(
            "停产日期", "全部或部分停止生产的日期", "停产报告编号",
            AreaAsked(
                "停产面积（亩）", "只填停下来的部分",
                f"不填为在产的全部{_mu(state.producing_m2) if state else ''}",
            ),
        ),
        EventKind.RESTART: EventFields(
            "复产日期", "停产后重新生产的日期", "复产认定表编号",
            AreaAsked(
                "复产面积（亩）", "只填恢复生产的部分",
                f"不填为停产的全部{_mu(state.stopped_m2) if state else ''}",
            ),
        ),
        EventKind.REDRAW: EventFields(
            "重绘日期", "新的测绘成果生效的日期", "宗地测绘报告编号",
            AreaAsked(
                "重绘后面积（亩，必填）", "该日起计入台账的面积；新图形在“数据入库”中导入",
                f"原为{whole}", required=True,
            ),
        ),
        EventKind.MOVE_PARK: EventFields(
            "调整日期", "园区范围核定的日期", "会议纪要或批复文号", park="调整到（必选）"
        ),
        EventKind.REGISTER: EventFields(
            "登记日期", "地块开始计入台账的日期", "登记依据文号",
            AreaAsked("登记面积（亩，必填）", "登记时计入台账的面积", "", required=True),
            park="登记时所在园区",
        ),
    }  # fmt: skip
    return measured[kind]


def _mu(area_m2: float) -> str:
    return f" {mu2(m2_to_mu(area_m2))} 亩"
