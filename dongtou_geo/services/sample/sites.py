"""The stories the sample tells, park by park: how it is cut, who holds it, what became of it.

Notes
-----
All of it is made up. 轨道交通装备产业示范区 has no site: it is left 未填报.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from random import Random

from dongtou_geo.domain.event import EventKind
from dongtou_geo.services.sample import episodes as ep
from dongtou_geo.services.sample.chain import Fate, Life, Lot
from dongtou_geo.services.sample.sheet import Grid, Hill, River, Road


@dataclass(frozen=True, slots=True)
class Episode:
    """What befell one parcel: the first of a fate that reached a stage within some years.

    Parameters
    ----------
    befall : callable
        Changes the parcel's lines.
    fate : Fate
        The parcel's fate.
    stage : EventKind
        A stage that it must have on record.
    since, until : date
        When it must have reached that stage.
    """

    befall: Callable[[Life, Random], None]
    fate: Fate
    stage: EventKind
    since: date
    until: date = date(2024, 6, 30)


@dataclass(frozen=True, slots=True)
class Site:
    """One park of the sample.

    Parameters
    ----------
    park_id : str
        The park.
    short : str
        Its name inside a parcel number.
    unit : str
        Who must act next.
    clerks : tuple of str
        Who enters its lines.
    county_code : str
        County code of contracts before 2015-09.
    trades : tuple of str
        What its made-up firms make, after the plan's industries.
    firm_count : int
        How many firms share it.
    grid : Grid
        How it is cut.
    filled_sea : (float, float, float, float)
        The part of the sheet that was filled: left, bottom, right, top, as shares.
    grows : (float, float)
        Which way it was built up: weights of a plot's x and y.
    lots : tuple of Lot
        What became of its parcels, the longest settled first.
    estate_lots : tuple of Lot
        The same for the plots of the one large occupant.
    unmapped : int
        How many parcels have no outline (未落图).
    episodes : tuple of Episode
        What befell single parcels.
    """

    park_id: str
    short: str
    unit: str
    clerks: tuple[str, ...]
    county_code: str
    trades: tuple[str, ...]
    firm_count: int
    grid: Grid
    filled_sea: tuple[float, float, float, float]
    grows: tuple[float, float]
    lots: tuple[Lot, ...]
    estate_lots: tuple[Lot, ...] = ()
    unmapped: int = 0
    episodes: tuple[Episode, ...] = ()


@dataclass(frozen=True, slots=True)
class Stray:
    """A parcel outside the parks: a turned rectangle, its fate and its holder."""

    parcel_no: str
    lon: float
    lat: float
    length_m: float
    width_m: float
    turn_deg: float
    lot: Lot
    occupant: str
    unit: str


_ORDERS_FELL = (date(2021, 5, 1), date(2022, 9, 1))
_LARGEST_STOPPED = (date(2023, 1, 9), date(2023, 3, 10))
_ISLAND_UNIT, _DAMEN_UNIT = "示例·本岛园区管理办公室", "示例·大门园区管理办公室"

# 南塘: supply that stalled. It could still reach its 90 %, and has not.
_NANTANG = Site(
    park_id="park_nantang",
    short="南塘",
    unit=_ISLAND_UNIT,
    clerks=("示例·经办甲", "示例·经办乙"),
    county_code="330322",
    trades=(
        "阀门", "汽车配件", "电器", "电子元件",
        "海洋生物制药", "水产食品", "新型建材", "精密机械",
    ),
    firm_count=32,
    grid=Grid(
        plot_mu=(5, 20),
        setback_m=0.5,
        spines=(Road(0.5, 24, 0.6), Road(0.25, 12, start=-0.1, end=0.74)),
        crosses=(Road(0.3, 12, 1.5), Road(0.52, 14, -1.0), Road(0.74, 12, -2.0)),
        through=0.15,
    ),
    filled_sea=(0.0, 0.0, 1.0, 0.5),
    grows=(-1.0, 0.4),
    lots=(
        Lot(Fate.OLD_PLANT, 0.11, date(2013, 2, 1), date(2015, 6, 30)),
        Lot(Fate.PRODUCING, 0.13, date(2014, 3, 1), date(2016, 9, 30)),
        Lot(Fate.STOPPED, 0.02, date(2014, 6, 1), date(2016, 3, 1), _ORDERS_FELL),
        Lot(Fate.PART_USED, 0.05, date(2015, 3, 1), date(2018, 6, 30)),
        Lot(Fate.PRODUCING, 0.12, date(2016, 9, 1), date(2018, 11, 30)),
        Lot(Fate.STALLED, 0.055, date(2014, 3, 1), date(2016, 10, 31)),
        Lot(Fate.PRODUCING, 0.07, date(2019, 2, 1), date(2020, 11, 30)),
        Lot(Fate.HALTED, 0.025, date(2017, 3, 1), date(2019, 6, 30)),
        Lot(Fate.PART_USED, 0.03, date(2019, 3, 1), date(2021, 11, 30)),
        Lot(Fate.STALLED, 0.06, date(2016, 11, 1), date(2019, 9, 30)),
        Lot(Fate.PRODUCING, 0.15, date(2021, 3, 1), date(2026, 4, 30)),
        Lot(Fate.BUILT, 0.015, date(2024, 9, 1), date(2025, 12, 20)),
        Lot(Fate.BUILDING, 0.025, date(2024, 6, 1), date(2026, 3, 31)),
        Lot(Fate.SUPPLIED, 0.015, date(2025, 7, 1), date(2026, 5, 31)),
        Lot(Fate.ACQUIRED, 0.02, date(2018, 5, 1), date(2024, 6, 30)),
        Lot(Fate.APPROVED, 0.015, date(2017, 5, 1), date(2023, 6, 30)),
        Lot(Fate.PLANNED, 0.01, date(2016, 5, 1), date(2018, 6, 30)),
    ),
    unmapped=5,
    episodes=(
        Episode(ep.date_corrected, Fate.PRODUCING, EventKind.PRODUCE, date(2015, 1, 1)),
        Episode(ep.withdrawn, Fate.PRODUCING, EventKind.SUPPLY, date(2017, 6, 1)),
        Episode(ep.area_corrected, Fate.PRODUCING, EventKind.PRODUCE, date(2019, 1, 1)),
        Episode(ep.entered_twice, Fate.PRODUCING, EventKind.START, date(2017, 1, 1)),
        Episode(ep.entered_twice, Fate.HALTED, EventKind.START, date(2017, 1, 1)),
        Episode(ep.redrawn, Fate.PRODUCING, EventKind.SUPPLY, date(2016, 1, 1)),
        Episode(ep.redrawn, Fate.STALLED, EventKind.SUPPLY, date(2016, 1, 1)),
    ),
)  # fmt: skip

# 杨文: few large plots and little road; past 90 % a year before the plan's end.
_YANGWEN = Site(
    park_id="park_yangwen",
    short="杨文",
    unit=_ISLAND_UNIT,
    clerks=("示例·经办乙", "示例·经办丙"),
    county_code="330322",
    trades=("电器", "汽车零部件", "生物医药", "海藻食品", "管道配件", "石材"),
    firm_count=16,
    grid=Grid(
        plot_mu=(16, 46),
        setback_m=0.5,
        spines=(Road(0.52, 13),),
        crosses=(
            Road(0.3, 12, 2.0),
            Road(0.52, 24, end=0.52),
            Road(0.48, 12, start=0.52),
            Road(0.75, 12, -2.0),
        ),
        through=0.5,
    ),
    filled_sea=(0.62, 0.0, 1.0, 1.0),
    grows=(1.0, 0.2),
    lots=(
        Lot(Fate.BUILDING, 0.013, date(2025, 3, 1), date(2025, 12, 20)),
        Lot(Fate.OLD_PLANT, 0.16, date(2013, 2, 1), date(2014, 12, 31)),
        Lot(Fate.PRODUCING, 0.22, date(2014, 6, 1), date(2016, 6, 30)),
        Lot(Fate.PRODUCING, 0.26, date(2016, 7, 1), date(2018, 6, 30)),
        Lot(Fate.PRODUCING, 0.15, date(2018, 7, 1), date(2019, 5, 31)),
        Lot(Fate.PRODUCING, 0.12, date(2019, 6, 1), date(2019, 11, 22)),
    ),
    episodes=(
        Episode(ep.date_corrected, Fate.PRODUCING, EventKind.PRODUCE, date(2016, 1, 1)),
        Episode(ep.withdrawn, Fate.PRODUCING, EventKind.SUPPLY, date(2016, 6, 1)),
    ),
)

# 瓯江口一期: fast growth, then the largest plant stops. Roads and a river put 100 % out of reach.
_OJK = Site(
    park_id="park_ojk_industry",
    short="瓯江口",
    unit="示例·瓯江口管理单位",
    clerks=("示例·经办丁", "示例·经办戊"),
    county_code="330303",
    trades=(
        "临港装备", "储能设备", "环保设备", "电机",
        "智能装备", "海洋工程设备", "光伏组件", "水处理设备",
    ),
    firm_count=36,
    grid=Grid(
        plot_mu=(8, 32),
        setback_m=8.0,
        spines=(Road(0.3, 16, start=0.6), Road(0.58, 28), Road(0.8, 16, 0.5)),
        crosses=(
            Road(0.2, 16, start=0.58),
            Road(0.41, 24, start=0.58),
            Road(0.6, 18),
            Road(0.83, 16, -1.0),
        ),
        rivers=(River(0.72, 32, 26),),
        estate=(0.35, 0.3),
        estate_mu=165,
    ),
    filled_sea=(0.0, 0.0, 1.0, 1.0),
    grows=(0.6, -0.8),
    lots=(
        Lot(Fate.PRODUCING, 0.06, date(2016, 3, 1), date(2016, 12, 20)),
        Lot(Fate.PRODUCING, 0.10, date(2017, 1, 10), date(2018, 12, 20)),
        Lot(Fate.PRODUCING, 0.12, date(2019, 1, 10), date(2020, 12, 10)),
        Lot(Fate.STALLED, 0.015, date(2018, 3, 1), date(2019, 11, 30)),
        Lot(Fate.PRODUCING, 0.15, date(2021, 1, 10), date(2022, 11, 30)),
        Lot(Fate.PART_USED, 0.03, date(2019, 5, 1), date(2022, 5, 31)),
        Lot(Fate.PRODUCING, 0.04, date(2023, 3, 1), date(2025, 9, 30)),
        Lot(Fate.BUILT, 0.015, date(2025, 2, 1), date(2026, 3, 31)),
        Lot(Fate.BUILDING, 0.03, date(2024, 9, 1), date(2026, 4, 30)),
        Lot(Fate.SUPPLIED, 0.015, date(2025, 8, 1), date(2026, 6, 10)),
        Lot(Fate.ACQUIRED, 0.025, date(2016, 6, 1), date(2018, 6, 30)),
    ),
    estate_lots=(
        Lot(Fate.STOPPED, 0.0, date(2018, 9, 3), date(2018, 12, 14), _LARGEST_STOPPED),
        Lot(Fate.STOPPED, 0.0, date(2018, 9, 3), date(2018, 12, 14), _LARGEST_STOPPED),
        Lot(Fate.STOPPED, 0.0, date(2019, 3, 4), date(2019, 6, 28), _LARGEST_STOPPED),
        Lot(Fate.STOPPED, 0.0, date(2019, 3, 4), date(2019, 6, 28), _LARGEST_STOPPED),
        Lot(Fate.STOPPED, 0.0, date(2020, 3, 4), date(2020, 9, 25), _LARGEST_STOPPED),
        Lot(Fate.STALLED, 0.0, date(2019, 9, 2), date(2019, 11, 29)),
    ),
    unmapped=2,
    episodes=(
        Episode(ep.restarted, Fate.STOPPED, EventKind.PRODUCE, date(2018, 1, 1)),
        Episode(ep.date_corrected, Fate.PRODUCING, EventKind.PRODUCE, date(2018, 1, 1)),
        Episode(ep.area_corrected, Fate.PRODUCING, EventKind.PRODUCE, date(2021, 1, 1)),
        Episode(ep.entered_twice, Fate.PRODUCING, EventKind.START, date(2019, 1, 1)),
        Episode(ep.ended, Fate.ACQUIRED, EventKind.ACQUIRE, date(2016, 1, 1)),
    ),
)  # fmt: skip

# 启动区: an early stage. The fill is approved or filled and waits; the old shore began first.
_STARTUP = Site(
    park_id="park_startup",
    short="启动区",
    unit=_DAMEN_UNIT,
    clerks=("示例·经办己", "示例·经办庚"),
    county_code="330322",
    trades=("石化仓储", "精细化工", "高分子材料", "沥青制品", "气体", "合成树脂"),
    firm_count=14,
    grid=Grid(
        plot_mu=(16, 70),
        setback_m=12.0,
        spines=(Road(0.33, 26, -1.0, start=0.0, end=1.1), Road(0.66, 24, 1.5, start=0.36)),
        crosses=(
            Road(0.2, 16),
            Road(0.36, 18),
            Road(0.53, 28, -2.0),
            Road(0.7, 18, 2.0),
            Road(0.85, 16, end=0.66),
        ),
        hills=(Hill(0.62, 0.1, 0.1, 0.12), Hill(0.8, 0.93, 0.05, 0.1)),
        through=0.3,
    ),
    filled_sea=(0.0, 0.5, 1.0, 1.0),
    grows=(0.2, 1.0),
    lots=(
        Lot(Fate.OLD_PLANT, 0.03, date(2013, 3, 1), date(2014, 6, 30)),
        Lot(Fate.PRODUCING, 0.05, date(2014, 9, 1), date(2018, 9, 30)),
        Lot(Fate.STALLED, 0.06, date(2014, 5, 1), date(2019, 6, 30)),
        Lot(Fate.PART_USED, 0.02, date(2017, 3, 1), date(2020, 6, 30)),
        Lot(Fate.PRODUCING, 0.05, date(2019, 6, 1), date(2024, 3, 31)),
        Lot(Fate.BUILT, 0.02, date(2024, 10, 1), date(2026, 2, 28)),
        Lot(Fate.BUILDING, 0.06, date(2023, 9, 1), date(2026, 3, 31)),
        Lot(Fate.SUPPLIED, 0.04, date(2025, 3, 1), date(2026, 5, 31)),
        Lot(Fate.ACQUIRED, 0.26, date(2016, 3, 1), date(2020, 6, 30)),
        Lot(Fate.APPROVED, 0.19, date(2014, 6, 1), date(2017, 12, 15)),
        Lot(Fate.PLANNED, 0.046, date(2015, 6, 1), date(2018, 6, 30)),
    ),
    episodes=(
        Episode(ep.moved_in, Fate.ACQUIRED, EventKind.ACQUIRE, date(2016, 1, 1)),
        Episode(ep.redrawn, Fate.PRODUCING, EventKind.SUPPLY, date(2014, 1, 1)),
        Episode(ep.date_corrected, Fate.PRODUCING, EventKind.PRODUCE, date(2016, 1, 1)),
    ),
)

SITES = (_STARTUP, _NANTANG, _YANGWEN, _OJK)

STRAYS = (
    Stray(
        "示例-大门-A-001", 121.1065, 27.9705, 175.0, 92.0, 24.0,
        Lot(Fate.PRODUCING, 0.0, date(2016, 5, 1), date(2017, 5, 31)),
        "示例石帆石材有限公司", _DAMEN_UNIT,
    ),
    Stray(
        "示例-大门-A-002", 121.1085, 27.9714, 138.0, 92.0, 24.0,
        Lot(Fate.STALLED, 0.0, date(2015, 5, 1), date(2016, 5, 31)),
        "示例松礁石材有限公司", _DAMEN_UNIT,
    ),
    Stray(
        "示例-本岛-A-001", 121.1480, 27.8345, 120.0, 85.0, -12.0,
        Lot(Fate.OLD_PLANT, 0.0, date(2013, 4, 1), date(2013, 9, 30)),
        "示例朝汐制药有限公司", _ISLAND_UNIT,
    ),
)  # fmt: skip
