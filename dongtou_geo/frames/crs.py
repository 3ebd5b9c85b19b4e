"""In which coordinate system a file's figures are, decided from what it says and what they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.enums import TransformDirection
from pyproj.exceptions import CRSError

from dongtou_geo.errors import DongtouGeoError, UsageError
from dongtou_geo.frames.declared_crs import (
    CrsRefusedError,
    Declared,
    HeaderFacts,
    header_facts,
    identify,
)
from dongtou_geo.frames.district import DISTRICT_TEXT
from dongtou_geo.frames.placements import (
    GEOGRAPHIC,
    LONLAT,
    SOUGHT,
    WEB_MERCATOR,
    WGS84,
    ZONES,
    Placement,
    placement_of,
    share_placed,
    to_base,
)

__all__ = [
    "CrsChoiceNeededError",
    "CrsRefusedError",
    "Decision",
    "decide",
    "from_lonlat",
    "to_lonlat",
]

Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]

# So many points are looked at: evenly through the file, enough for any share.
_POINTS_LOOKED_AT = 200_000
_MOST = 0.5
_ASKED, _DECLARED = "--crs 指定的是", "文件声明的坐标系是"
_NO_WORD = "文件没有声明坐标系"
_NOT_SURVEYED = "；Web 墨卡托坐标多取自网络地图，不是测绘成果，位置须核对"


class CrsChoiceNeededError(DongtouGeoError):
    """Raise when somebody must say which coordinate system is meant.

    Parameters
    ----------
    message : str
        What contradicts what, in Chinese, naming ``--crs``.
    options : tuple of str
        Words that ``--crs`` takes, the likeliest first.
    """

    def __init__(self, message: str, options: tuple[str, ...]) -> None:
        super().__init__(message)
        self.options = options


@dataclass(frozen=True, slots=True)
class Decision:
    """How a file's figures are read.

    Parameters
    ----------
    epsg : int
        Coordinate system.
    reason : str
        One Chinese sentence: what it was decided from.
    swapped : bool
        The file's x holds the northing (or latitude), its y the easting.
    prefix : int or None
        Number of the zone inside the eastings.
    """

    epsg: int
    reason: str
    swapped: bool = False
    prefix: int | None = None

    @property
    def word(self) -> str:
        """Return the same choice as a word for ``--crs``."""
        return Placement(self.epsg, self.swapped).word


@dataclass(frozen=True, slots=True)
class _Figures:
    xy: Floats

    def share(self, placement: Placement) -> float:
        return share_placed(self.xy, placement)

    def fitting(self, said: Placement | None = None) -> list[Placement]:
        """Other placements that put most points into the range, the likeliest first."""
        turned = [Placement(said.epsg, not said.swapped)] if said else []
        known = [Placement(epsg, swapped) for swapped in (False, True) for epsg in SOUGHT]
        others = [one for one in turned + known if not said or one.projection != said.projection]
        return [one for one in others if self.share(one) >= _MOST]

    @property
    def sample(self) -> str:
        middle = np.median(self.xy, axis=0)
        digits = 6 if np.abs(middle).max() < 1000 else 2
        return f"x={middle[0]:.{digits}f}, y={middle[1]:.{digits}f}"


def decide(
    outlines: Shapes,
    declared_crs: str | None,
    facts: Mapping[str, str],
    asked: str = "auto",
) -> Decision:
    """Decide in which coordinate system outlines are.

    Parameters
    ----------
    outlines : ndarray of shapely geometry or None, shape (n,)
        In the file's own coordinates; x, y of a 界址点 TXT are easting, northing already.
    declared_crs : str or None
        What the file says: WKT, PROJJSON or ``EPSG:n``.
    facts : mapping of str to str
        What its header says: 坐标系, 几度分带, 带号.
    asked : str
        ``auto``, or the word of ``--crs``: ``EPSG:4549``, with ``+swap`` where the axes of the
        file are the other way round.

    Returns
    -------
    Decision
        Figures always decide with: most points must lie in the district's range when read so,
        or some, where no other known system places most. Outlines elsewhere get faults.

    Raises
    ------
    CrsChoiceNeededError
        If what the file says does not place the figures but a known system does, if several do,
        if the axes are swapped, or if the header contradicts the figures.
    CrsRefusedError
        If the file is in 1954 北京, 1980 西安 or a system that cannot be converted, whatever is
        asked for, or if nothing places a single point in the district.
    UsageError
        If ``asked`` is no such word.
    """
    declared = identify(declared_crs)
    header = header_facts(facts)
    figures = _Figures(_thinned(outlines))
    if asked.strip().lower() != "auto":
        return _as_asked(_placement_asked(asked), declared, figures)
    if declared is not None and declared.epsg is not None:
        return _as_declared(Placement(declared.epsg), header, figures)
    return _by_figures(declared, header, figures)


def to_lonlat(outlines: Shapes, decision: Decision) -> Shapes:
    """Bring outlines to EPSG:4490 lon/lat.

    Parameters
    ----------
    outlines : ndarray of shapely geometry or None, shape (n,)
        In the file's own coordinates.
    decision : Decision
        How to read them.

    Returns
    -------
    ndarray of shapely geometry or None, shape (n,)
        Lon/lat, XY. Coordinates that are no numbers stay; points that the projection has no
        place for become infinite.
    """
    xy = shapely.get_coordinates(outlines)
    if decision.swapped:
        xy = xy[:, ::-1]
    return _with_coordinates(outlines, _transformed(xy, decision.epsg, TransformDirection.FORWARD))


def from_lonlat(outlines: Shapes, epsg: int) -> Shapes:
    """Bring outlines from EPSG:4490 lon/lat to another system, for export.

    Parameters
    ----------
    outlines : ndarray of shapely geometry or None, shape (n,)
        EPSG:4490 lon/lat.
    epsg : int
        4490, 4326 (the same figures at 1 m) or a projected system on their ellipsoids.

    Returns
    -------
    ndarray of shapely geometry or None, shape (n,)
        Easting, northing in metres (or lon/lat), XY.
    """
    xy = shapely.get_coordinates(outlines)
    return _with_coordinates(outlines, _transformed(xy, epsg, TransformDirection.INVERSE))


def _as_asked(placement: Placement, declared: Declared | None, figures: _Figures) -> Decision:
    if len(figures.xy) and figures.share(placement) == 0.0:
        raise _contradiction(_ASKED, placement, figures)
    differs = declared is not None and declared.epsg != placement.epsg
    said = f"（文件自己写的是 {declared.name}）" if declared is not None and differs else ""
    return _decision(placement, f"按 --crs 指定的{placement.label}读取{said}")


def _as_declared(placement: Placement, header: HeaderFacts, figures: _Figures) -> Decision:
    says = f"{_DECLARED}{placement.label}"
    if len(figures.xy) == 0:
        return _decision(placement, f"{says}，文件里没有坐标可核对")
    share = figures.share(placement)
    if share == 0.0 or (share < _MOST and figures.fitting(placement)):
        raise _contradiction(_DECLARED, placement, figures)
    if header.says_zone and not header.allow(placement):
        says = f"{says}，而{_header_words(header)}"
        raise _choice(says, figures, [placement, *figures.fitting(placement)])
    if share < _MOST:
        return _decision(placement, f"{says}，但只有 {share:.0%} 的点在{DISTRICT_TEXT}之内")
    if placement.epsg == WGS84:
        return _decision(placement, f"{says}，与 CGCS2000 经纬度相差不到 1 m，坐标不变")
    return _decision(placement, f"{says}，坐标（{figures.sample}）与之相符")


def _by_figures(declared: Declared | None, header: HeaderFacts, figures: _Figures) -> Decision:
    if len(figures.xy) == 0:
        return Decision(LONLAT, "文件里没有坐标，不需要判断坐标系")
    fitting = figures.fitting()
    if not fitting:
        raise _nowhere(_NO_WORD, figures)
    straight = [one for one in fitting if not one.swapped]
    allowed = [one for one in straight if header.allow(one)]
    doubt = None
    if declared is not None:
        doubt = f"文件声明的坐标系“{declared.name}”无法识别"
    elif header.unknown:
        doubt = f"文件头的坐标系是“{header.unknown}”，不是 CGCS2000"
    elif not straight:
        doubt = _NO_WORD + "，横纵坐标像是对调的"
    elif not allowed:
        doubt = f"{_header_words(header)}，与坐标不符"
    elif len(_distinct(allowed)) > 1:
        doubt = _NO_WORD + "，按几种坐标系都落在洞头"
    elif allowed[0].epsg == WEB_MERCATOR:
        doubt = _NO_WORD + "，坐标像是 Web 墨卡托，不是测绘成果"
    if doubt:
        raise _choice(doubt, figures, fitting)
    return _decision(allowed[0], _figures_words(allowed[0], header, figures))


def _figures_words(placement: Placement, header: HeaderFacts, figures: _Figures) -> str:
    said = _header_words(header) if header.says_zone or header.cgcs2000 else _NO_WORD
    zone = ZONES.get(placement.epsg)
    if zone is None:
        return f"{said}，坐标（{figures.sample}）是洞头范围内的经纬度，按{placement.label}读取"
    digits = f"东坐标 8 位、以带号 {zone.number} 开头" if zone.prefixed else "东坐标 6 位、不带带号"
    doubt = "" if header.cgcs2000 else "；基准按 CGCS2000 计，旧坐标的数值相近，须由送件单位确认"
    return f"{said}，坐标（{figures.sample}）{digits}，按{placement.label}读取{doubt}"


def _header_words(header: HeaderFacts) -> str:
    parts = [
        "坐标系 CGCS2000" if header.cgcs2000 else None,
        f"{header.width} 度带" if header.width else None,
        f"带号 {header.number}" if header.number else None,
    ]
    return f"文件头写明{'、'.join(part for part in parts if part)}"


def _contradiction(
    says: str, placement: Placement, figures: _Figures
) -> CrsChoiceNeededError | CrsRefusedError:
    """What is said does not place the figures: ask where something else does, else refuse."""
    others = figures.fitting(placement)
    if others:
        return _choice(f"{says}{placement.label}，与坐标不符", figures, others)
    return _nowhere(f"{says}{placement.label}", figures)


def _nowhere(says: str, figures: _Figures) -> CrsRefusedError:
    return CrsRefusedError(
        f"{says}，坐标（{figures.sample}）按已知的坐标系都不在{DISTRICT_TEXT}之内；"
        "请核对文件，或用 --crs EPSG:编号 指明坐标系"
    )


def _choice(says: str, figures: _Figures, options: list[Placement]) -> CrsChoiceNeededError:
    options = _distinct(options)
    labels = "、".join(option.label for option in options)
    words = tuple(option.word for option in options)
    return CrsChoiceNeededError(
        f"{says}；坐标（{figures.sample}）按{labels}落在洞头，请用 --crs 指明，如 --crs {words[0]}",
        words,
    )


def _distinct(placements: list[Placement]) -> list[Placement]:
    """Keep one of those that read figures alike."""
    kept: dict[tuple[object, ...], Placement] = {}
    for one in placements:
        kept.setdefault(one.projection, one)
    return list(kept.values())


def _decision(placement: Placement, reason: str) -> Decision:
    zone = ZONES.get(placement.epsg)
    return Decision(
        epsg=placement.epsg,
        reason=reason + (_NOT_SURVEYED if placement.epsg == WEB_MERCATOR else ""),
        swapped=placement.swapped,
        prefix=zone.number if zone and zone.prefixed else None,
    )


def _placement_asked(word: str) -> Placement:
    placement = placement_of(word)
    try:
        known = placement is not None and CRS.from_epsg(placement.epsg)
    except CRSError:
        known = False
    if placement is None or not known:
        msg = f"--crs 的“{word}”无法识别，应为 auto、EPSG:4549 这样的编号，坐标轴对调时写 EPSG:4549+swap"
        raise UsageError(msg)
    identify(f"EPSG:{placement.epsg}")
    return placement


def _thinned(outlines: Shapes) -> Floats:
    xy = shapely.get_coordinates(outlines)
    xy = xy[:: max(1, len(xy) // _POINTS_LOOKED_AT)]
    return np.asarray(xy[np.isfinite(xy).all(axis=1)])


def _transformed(xy: Floats, epsg: int, direction: TransformDirection) -> Floats:
    if epsg in GEOGRAPHIC:
        return xy
    finite = np.isfinite(xy).all(axis=1)
    placed = xy.copy()
    placed[finite] = np.column_stack(
        to_base(epsg).transform(xy[finite, 0], xy[finite, 1], direction=direction)
    )
    return placed


def _with_coordinates(outlines: Shapes, xy: Floats) -> Shapes:
    moved = np.asarray(outlines, dtype=object).copy()
    # A number that is none is a fault to be told, not a warning.
    with np.errstate(invalid="ignore"):
        return np.asarray(shapely.set_coordinates(moved, xy), dtype=object)
