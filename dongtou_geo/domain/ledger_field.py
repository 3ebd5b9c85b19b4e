"""The fields of the ledger as files name them: contract name, Chinese name, other names, unit."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FieldKind(StrEnum):
    """How a field's cells are read."""

    TEXT = "text"
    DAY = "day"
    AREA_M2 = "area_m2"
    AREA_MU = "area_mu"
    WAN = "wan"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class LedgerField:
    """One field of the contract.

    Parameters
    ----------
    name : str
        Contract name, as in commands and exports.
    label : str
        Chinese name, as in the template; the unit stands apart.
    kind : FieldKind
        How its cells are read.
    aliases : tuple of str
        Other names that land offices use, without unit, brackets or spaces.
    unit : str
        Unit printed in the template's header, "" where there is none.
    """

    name: str
    label: str
    kind: FieldKind
    aliases: tuple[str, ...] = ()
    unit: str = ""

    @property
    def heading(self) -> str:
        """Return the template's column heading: label and unit."""
        return f"{self.label}（{self.unit}）" if self.unit else self.label


_T, _D, _C = FieldKind.TEXT, FieldKind.DAY, FieldKind.CHOICE
_M2, _MU, _WAN = FieldKind.AREA_M2, FieldKind.AREA_MU, FieldKind.WAN

# Dates that make events, in the order of the chain; halted and stopped are no stages.
STAGE_FIELDS: tuple[str, ...] = (
    "approved_on",
    "acquired_on",
    "supplied_on",
    "started_on",
    "completed_on",
    "produced_on",
)
EVENT_DAY_FIELDS: tuple[str, ...] = (*STAGE_FIELDS, "halted_on", "stopped_on")
AGREED_FIELDS: tuple[str, ...] = (
    "handed_over_on",
    "agreed_start_on",
    "agreed_complete_on",
    "agreed_produce_on",
)

_MAIN = (
    LedgerField("parcel_no", "地块编号", _T, ("地块编码", "地块号", "宗地编号", "宗地代码", "宗地号", "编号",
                "DKBH", "ZDDM", "文字", "Name")),
    LedgerField("park_id", "园区", _C, ("所属园区", "所在园区", "园区名称", "工业区", "YQ", "YQMC")),
    LedgerField("area_m2", "图形面积", _M2, ("矢量面积", "测算面积", "实测面积", "TXMJ", "SHAPE_AREA"), "平方米"),
    LedgerField("ledger_area_mu", "台账面积", _MU, ("用地面积", "地块面积", "宗地面积", "土地面积", "面积", "DKMJ", "MJ"), "亩"),
    LedgerField("contract_area_mu", "合同面积", _MU, ("出让面积", "供应面积", "供地面积", "HTMJ"), "亩"),
    LedgerField("title_area_mu", "证载面积", _MU, ("发证面积", "权证面积", "登记面积", "ZZMJ"), "亩"),
    LedgerField("origin", "土地来源", _C, ("来源", "用地来源", "土地性质来源", "LY")),
    LedgerField("land_use_code", "地类编码", _T, ("地类代码", "用途代码", "土地用途", "规划用途", "地类", "用途", "DLBM", "TDYT")),
    LedgerField("occupant", "用地单位", _T, ("使用权人", "土地使用权人", "企业名称", "受让人", "受让单位", "业主", "单位名称",
                 "权利人", "企业", "YDDW", "QLR")),
    LedgerField("approved_on", "批准日期", _D, ("批准时间", "批复日期", "批复时间", "农转用批准日期", "用海批复日期", "PZRQ", "PZSJ")),
    LedgerField("acquired_on", "征收日期", _D, ("征收时间", "征收完成日期", "征地日期", "填海验收日期", "填成日期", "ZSRQ", "ZDRQ")),
    LedgerField("supplied_on", "供应日期", _D, ("供应时间", "供地日期", "供地时间", "出让日期", "出让时间", "合同签订日期", "合同日期",
                 "签订日期", "GYRQ", "GDRQ", "GDSJ")),
    LedgerField("started_on", "动工日期", _D, ("动工时间", "开工日期", "开工时间", "实际动工日期", "实际开工日期", "DGRQ", "KGRQ", "KGSJ")),
    LedgerField("completed_on", "竣工日期", _D, ("竣工时间", "竣工验收日期", "建成日期", "实际竣工日期", "JGRQ", "JGSJ")),
    LedgerField("produced_on", "投产日期", _D, ("投产时间", "实际投产日期", "投产年月", "TCRQ", "TCSJ")),
    LedgerField("area_in_production_m2", "投产面积", _M2, ("已投产面积", "TCMJ"), "平方米"),
    LedgerField("halted_on", "停工日期", _D, ("停工时间", "停建日期", "TGRQ")),
    LedgerField("stopped_on", "停产日期", _D, ("停产时间", "TCHRQ")),
    LedgerField("handed_over_on", "交地日期", _D, ("交地时间", "实际交地日期", "JDRQ")),
    LedgerField("agreed_start_on", "约定动工日期", _D, ("约定开工日期", "约定动工时间", "约定开工时间", "YDDGRQ", "YDKGRQ")),
    LedgerField("agreed_complete_on", "约定竣工日期", _D, ("约定竣工时间", "YDJGRQ")),
    LedgerField("agreed_produce_on", "约定投产日期", _D, ("约定投产时间", "YDTCRQ")),
    LedgerField("area_started_m2", "动工面积", _M2, ("已动工面积", "开工面积", "DGMJ"), "平方米"),
    LedgerField("total_investment_wan", "总投资", _WAN, ("投资总额", "计划总投资", "合同投资额", "ZTZ"), "万元"),
    LedgerField("invested_wan", "已投资", _WAN, ("已投资额", "累计投资", "完成投资", "累计完成投资", "YTZ"), "万元"),
    LedgerField("supply_mode", "供应方式", _C, ("供地方式", "出让方式", "GYFS", "GDFS")),
    LedgerField("contract_no", "合同编号", _T, ("合同号", "出让合同编号", "HTBH", "HTH")),
    LedgerField("supervision_no", "电子监管号", _T, ("监管号", "DZJGH", "JGH")),
    LedgerField("responsible_unit", "责任单位", _T, ("责任主体", "牵头单位", "管理单位", "ZRDW")),
    LedgerField("source_doc", "依据文号", _T, ("文号", "依据", "批文号", "依据文件", "YJWH", "WH")),
    LedgerField("note", "备注", _T, ("说明", "BZ")),
)  # fmt: skip
_DOCS = tuple(
    LedgerField(f"{f.name}_doc", f"{f.label.removesuffix('日期')}文号", _T)
    for f in _MAIN
    if f.name in EVENT_DAY_FIELDS
)

LEDGER_FIELDS: dict[str, LedgerField] = {field.name: field for field in (*_MAIN, *_DOCS)}
SUPPLY_MODES: tuple[str, ...] = ("划拨", "出让", "租赁", "先租后让")
# Staff type neither status nor percentages: such columns are named and left alone.
TYPED_STATUS_NAMES: tuple[str, ...] = (
    "状态",
    "地块状态",
    "用地状态",
    "目前状态",
    "投产率",
    "进度",
    "完成比例",
    "占比",
    "status",
    "rate",
)
