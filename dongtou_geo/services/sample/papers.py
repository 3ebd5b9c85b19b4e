"""Made-up papers and firms: each says 示例, so that none can be taken for a real one."""

from __future__ import annotations

from datetime import date
from random import Random

from dongtou_geo.domain.event import EventKind
from dongtou_geo.domain.parcel import Origin

# 洞头县 became 洞头区 in 2015; papers from then on carry the district's code.
DISTRICT_SINCE = date(2015, 9, 1)
DISTRICT_CODE = "330305"

_BRANDS = (
    "望潮", "听澜", "碧屿", "沧岬", "银礁", "晴湾", "远帆", "归渔", "朝汐", "暮汐",
    "青屿", "白鸥", "海棠", "星礁", "云帆", "澄澜", "拾贝", "逐浪", "明汐", "南屿",
    "北岬", "东帆", "西澜", "清屿", "鸣鸥", "照海", "临汐", "百礁", "千帆", "万澜",
    "秋汐", "春澜", "金屿", "玉岬", "石帆", "松礁", "竹屿", "梅湾", "兰汀", "荷汀",
)  # fmt: skip


REGISTER_DOC = "示例：园区控制性详细规划图则"
_STAGE_DOCS = {
    EventKind.APPROVE: "示例文号 浙土字A[{year}]-{number:04d}",
    EventKind.ACQUIRE: "示例文号 征地补偿协议〔{year}〕{low}号",
    EventKind.SUPPLY: "示例合同 {contract}",
    EventKind.START: "动工认定书（示例）{year}-{number:03d}",
    EventKind.COMPLETE: "竣工验收（示例）{year}-{number:03d}",
    EventKind.PRODUCE: "投产认定表（示例）{year}-{number:03d}",
}
# Filled sea skips 征收: the sea's use is approved, then the fill is accepted.
_FILLED_SEA_DOCS = {
    EventKind.APPROVE: "示例文号 浙海域批〔{year}〕{low}号",
    EventKind.ACQUIRE: "示例文号 围填海竣工验收〔{year}〕{low}号",
}

_INCIDENT_DOCS = {
    EventKind.HALT: "停工巡查记录",
    EventKind.RESUME: "复工备案",
    EventKind.STOP: "停产报告",
    EventKind.RESTART: "复产认定表",
    EventKind.WITHDRAW: "收回使用权决定书",
    EventKind.REDRAW: "宗地测绘报告",
    EventKind.MOVE_PARK: "园区范围核定会议纪要",
    EventKind.END: "道路拓宽用地批复",
}


def firms(trades: tuple[str, ...], count: int, rng: Random) -> list[str]:
    """Make up the occupants of one park.

    Parameters
    ----------
    trades : tuple of str
        What the plan wants made there.
    count : int
        How many firms, at most 40.
    rng : Random
        Seeded.

    Returns
    -------
    list of str
        Names, each with its own brand word.
    """
    brands = rng.sample(_BRANDS, count)
    return [f"示例{brand}{trades[i % len(trades)]}有限公司" for i, brand in enumerate(brands)]


def contract_no(on: date, county_code: str, rng: Random) -> str:
    """Return a made-up contract number of a day."""
    code = DISTRICT_CODE if on >= DISTRICT_SINCE else county_code
    return f"示例{code}{on.year}A{rng.randint(1, 480):05d}"


def supervision_no(contract: str) -> str:
    """Return the made-up 电子监管号 that belongs to a contract."""
    return contract.replace("A", "B", 1)


def stage_doc(kind: EventKind, on: date, origin: Origin, contract: str | None, rng: Random) -> str:
    """Return a made-up paper for a stage.

    Parameters
    ----------
    kind : EventKind
        One of the chain.
    on : date
        The stage's day.
    origin : Origin
        Filled sea has other papers than land.
    contract : str or None
        The contract number.
    rng : Random
        Seeded.
    """
    number = rng.randint(1, 380)
    forms = _STAGE_DOCS if origin is Origin.LAND else _STAGE_DOCS | _FILLED_SEA_DOCS
    return forms[kind].format(year=on.year, number=number, low=number % 40 + 1, contract=contract)


def incident_doc(kind: EventKind, on: date, rng: Random) -> str:
    """Return a made-up paper for what is no stage: 停工, 复工, 停产, 复产, 收回, 重绘."""
    return f"{_INCIDENT_DOCS[kind]}（示例）{on.year}-{rng.randint(1, 60):02d}"
