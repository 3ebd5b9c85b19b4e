"""Make the 示例 ledger: cut the parks, share out the fates, write the file in one move."""

from __future__ import annotations

import contextlib
import hashlib
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path
from random import Random
from typing import Any

from shapely import Polygon
from shapely.geometry import shape

from dongtou_geo import settings
from dongtou_geo.domain.event import Event
from dongtou_geo.domain.os_words import os_words
from dongtou_geo.domain.parcel import Origin, Parcel
from dongtou_geo.domain.units import m2_to_mu, mu_to_m2
from dongtou_geo.errors import DatasetError, LedgerError
from dongtou_geo.frames.area import area_m2
from dongtou_geo.services.sample import papers
from dongtou_geo.services.sample.chain import DATA_UNTIL, Life, Lot, lived
from dongtou_geo.services.sample.layout import Plot, cut, turned_rectangle
from dongtou_geo.services.sample.records import entered, numbered
from dongtou_geo.services.sample.sites import SITES, STRAYS, Episode, Site, Stray
from dongtou_geo.services.sample.terms import entry
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger, LedgerIdentity
from dongtou_geo.store.opening import create, open_ledger

_STRAY_CLERKS = ("示例·经办辛",)
_COUNTY_CODE = "330322"
_SCATTER = 0.25  # how far neighbours' fates are mixed, as a share of the sheet
_REACH = 8  # how many plots ahead a lot may choose from


@dataclass(frozen=True, slots=True)
class _Park:
    """What the layout needs of a park: its outline and the plan's figure."""

    outline: Polygon
    planned_mu: float


def make_sample(path: Path, *, replace: bool = True) -> Ledger:
    """Make the 示例 ledger: made-up parcels and events, the same every time.

    Parameters
    ----------
    path : Path
        The file; its parent folders are made.
    replace : bool
        Replace an earlier sample. Any other file is never replaced.

    Returns
    -------
    Ledger
        The ledger at ``path``.

    Raises
    ------
    DatasetError
        If the parks' outlines cannot be read.
    LedgerError
        If something else lies at ``path``, or it cannot be written.
    """
    _refuse_other(path, replace=replace)
    parks = _parks(settings.GEODATA / "parks.geojson")
    rows = sorted(_all_parcels(parks), key=lambda row: row[0].parcel_no)
    parcels, events = [parcel for parcel, _ in rows], numbered(life for _, life in rows)
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        create(file_url(draft), _identity(parcels, events)).append(parcels, events)
        # A log left by a process that died belongs to the old file, not to the new one.
        _remove_logs(path)
        draft.replace(path)
    except OSError as error:
        msg = f"示例台账 {path} 无法写入：{os_words(error)}；请关闭占用它的程序后重试"
        raise LedgerError(msg) from error
    finally:
        draft.unlink(missing_ok=True)
        _remove_logs(draft)
    return open_ledger(file_url(path))


def _identity(parcels: list[Parcel], events: list[Event]) -> LedgerIdentity:
    """Name the sample after its content: one made by other code is another ledger to a browser."""
    digest = hashlib.sha256(repr((parcels, events)).encode()).hexdigest()
    return LedgerIdentity(f"sample-{digest[:8]}", sample=True, data_until=DATA_UNTIL)


def _refuse_other(path: Path, *, replace: bool) -> None:
    if not path.exists():
        return
    if not replace:
        msg = f"示例台账 {path} 已存在，不会覆盖"
        raise LedgerError(msg)
    sample = False
    if path.is_file():
        with contextlib.suppress(LedgerError):
            sample = open_ledger(file_url(path)).identity().sample
    if not sample:
        msg = f"{path} 不是示例台账，不会覆盖；请先移走该文件，或换一个文件名"
        raise LedgerError(msg)


def _remove_logs(path: Path) -> None:
    for suffix in ("-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _parks(path: Path) -> dict[str, _Park]:
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        return {feature["properties"]["id"]: _park(feature) for feature in features}
    except (OSError, ValueError, KeyError, TypeError) as error:
        msg = f"园区数据 {path} 无法读取，不能生成示例台账：{error}"
        raise DatasetError(msg) from error


def _park(feature: dict[str, Any]) -> _Park:
    outline = shape(feature["geometry"])
    if not isinstance(outline, Polygon):
        msg = f"{feature['properties']['id']} 的图形是 {outline.geom_type}，应为 Polygon"
        raise TypeError(msg)
    return _Park(outline, float(feature["properties"]["plan_area_mu"]))


def _all_parcels(parks: dict[str, _Park]) -> Iterator[tuple[Parcel, Life]]:
    for site in SITES:
        yield from _site_parcels(site, parks[site.park_id])
    for stray in STRAYS:
        yield _stray_parcel(stray)


def _site_parcels(site: Site, park: _Park) -> Iterator[tuple[Parcel, Life]]:
    plots = cut(park.outline, site.grid, _random(site.park_id, "layout"))
    rng = _random(site.park_id, "story")
    lots = _shared_out(plots, site, mu_to_m2(park.planned_mu), rng)
    small = [plot.number for plot in plots if not plot.estate]
    unmapped = set(rng.sample(small, site.unmapped))
    lives = {plot.number: _life(plot, lots[plot.number], site, unmapped) for plot in plots}
    for life in lives.values():
        lived(life, site.county_code, rng)
    _befall(list(lives.values()), site.episodes, rng)
    holders = _holders(plots, site, rng)
    for plot in plots:
        life = lives[plot.number]
        entered(life, site.clerks, rng)
        outline = None if plot.number in unmapped else plot.polygon
        yield entry(life, outline, holders[plot.number], site.unit, rng), life


def _shared_out(plots: list[Plot], site: Site, planned_m2: float, rng: Random) -> dict[str, Lot]:
    """Give each plot a lot, until each lot has its share; neighbours mostly fare alike."""
    estate = [plot for plot in plots if plot.estate]
    estate_lots = chain(site.estate_lots, repeat(site.estate_lots[-1])) if estate else ()
    lots = {plot.number: lot for plot, lot in zip(estate, estate_lots, strict=False)}
    along, across = site.grows
    free = [plot for plot in plots if not plot.estate]
    score = {p.number: along * p.x + across * p.y + rng.gauss(0.0, _SCATTER) for p in free}
    free.sort(key=lambda plot: score[plot.number])
    due_m2 = 0.0
    for lot in site.lots:
        due_m2 += lot.share * planned_m2
        while plot := next((p for p in free[:_REACH] if p.area_m2 < 2 * due_m2), None):
            lots[plot.number] = lot
            due_m2 -= plot.area_m2
            free.remove(plot)
    return lots | {plot.number: site.lots[-1] for plot in free}


def _befall(lives: list[Life], episodes: tuple[Episode, ...], rng: Random) -> None:
    """Let each episode happen to the first parcel that fits and has not had one."""
    untouched = list(lives)
    for episode in episodes:
        for life in untouched:
            reached = life.day_of(episode.stage)
            in_time = reached is not None and episode.since <= reached <= episode.until
            if life.lot.fate is episode.fate and in_time:
                episode.befall(life, rng)
                untouched.remove(life)
                break


def _life(plot: Plot, lot: Lot, site: Site, unmapped: set[str]) -> Life:
    left, bottom, right, top = site.filled_sea
    filled = left <= plot.x <= right and bottom <= plot.y <= top
    # Without an outline the paper's 亩 is what counts, two decimals as on paper.
    counted = mu_to_m2(round(m2_to_mu(plot.area_m2), 2))
    return Life(
        parcel_no=f"示例-{site.short}-{plot.number}",
        park_id=site.park_id,
        area_m2=counted if plot.number in unmapped else plot.area_m2,
        origin=Origin.FILLED_SEA if filled else Origin.LAND,
        lot=lot,
    )


def _holders(plots: list[Plot], site: Site, rng: Random) -> dict[str, str]:
    """Name each plot's holder: some firms hold two neighbouring plots, one holds the estate."""
    names = papers.firms(site.trades, site.firm_count, rng)
    owner, *others = names
    holders: dict[str, str] = {}
    holder = others[0]
    for index, plot in enumerate(plots):
        if rng.random() > 0.2:
            holder = others[index % len(others)]
        holders[plot.number] = owner if plot.estate else holder
    return holders


def _stray_parcel(stray: Stray) -> tuple[Parcel, Life]:
    rng = _random(stray.parcel_no, "story")
    outline = turned_rectangle(
        stray.lon,
        stray.lat,
        length_m=stray.length_m,
        width_m=stray.width_m,
        turn_deg=stray.turn_deg,
    )
    area = float(area_m2([outline])[0])
    life = lived(Life(stray.parcel_no, None, area, Origin.LAND, stray.lot), _COUNTY_CODE, rng)
    entered(life, _STRAY_CLERKS, rng)
    return entry(life, outline, stray.occupant, stray.unit, rng), life


def _random(subject: str, part: str) -> Random:
    """Seed by name, so that a change to one park leaves the others as they were."""
    return Random(f"示例/{subject}/{part}")  # noqa: S311 - a made-up story, nothing secret
