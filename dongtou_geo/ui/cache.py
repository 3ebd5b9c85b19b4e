"""Everything the pages keep between reruns: the only place with st.cache_*."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Hashable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, TypeVar

import shapely
import streamlit as st

from dongtou_geo import settings
from dongtou_geo.catalog.layers import Layer, load_layers
from dongtou_geo.domain.account import ParcelState
from dongtou_geo.domain.day import day_here
from dongtou_geo.domain.problem import Problem, Severity
from dongtou_geo.errors import DongtouGeoError
from dongtou_geo.frames.area import area_m2
from dongtou_geo.services.check import check_all
from dongtou_geo.services.dossier import Atlas, load_atlas
from dongtou_geo.services.intake.choices import Ground
from dongtou_geo.services.intake.ground import ground as read_ground
from dongtou_geo.services.parcel_table import ParcelStory, drawn_on
from dongtou_geo.services.progress import LedgerView
from dongtou_geo.services.quality_land import LandCheck
from dongtou_geo.services.quality_ledger import IssueCount, Scope, issue_counts
from dongtou_geo.services.quality_recorded import gaps_of
from dongtou_geo.services.shelf import app_shelf
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.quality_rows import LastLine, ParkGaps
from dongtou_geo.tiles.near import LonLatBox, parcels_near
from dongtou_geo.tiles.standing import app_tiles
from dongtou_geo.ui.components.sketch import around

# Half a metre: neighbours on paper rarely share every last vertex.
TOUCHING_DEGREES = 5e-6
# An event is in the index within milliseconds; a whole ledger is not waited for.
PATIENCE_S = 2.0
# How long a look at the plan's files holds.
LOOK_EVERY_S = 0.2
Made = TypeVar("Made")


def errors_in_geodata() -> list[Problem]:
    """Return what keeps the plan from being drawn; checked again when a file changes."""
    return _errors(_fingerprint())


def atlas() -> Atlas:
    """Return the plan, read again when a file under geodata/ changes."""
    return _atlas(_fingerprint())


def layers() -> list[Layer]:
    """Return the layers, read again when a file under layers/ changes."""
    return _layers(_fingerprint())


def ground() -> Ground:
    """Return the parks that an intake needs, read again when a file under geodata/ changes."""
    return _ground(_fingerprint())


def ledger() -> LedgerView:
    """Return the ledger as it stands now.

    Raises
    ------
    LedgerError
        If it cannot be read.
    """
    return app_shelf().view()


def shelved_ledger() -> Ledger:
    """Return the ledger itself, for questions that its own tables answer.

    Raises
    ------
    LedgerError
        If it cannot be opened.
    """
    return app_shelf().ledger()


def surroundings(story: ParcelStory, as_of: date) -> list[tuple[bytes, str]]:
    """Return the outlines around a parcel with their status on a day, for the sketch of it."""
    box = around(story.parcel.geometry_wkb)
    return [(wkb, state.status.value) for _, wkb, state in _near(box, as_of)] if box else []


def neighbours(story: ParcelStory, state: ParcelState) -> list[tuple[str, float]]:
    """Return a parcel, and those of its park and stage that touch it, with their areas in m2."""
    own = shapely.from_wkb(story.parcel.geometry_wkb)
    found = [(story.parcel.parcel_no, state.area_m2)]
    for number, wkb, other in _near(around(story.parcel.geometry_wkb), today()):
        alike = (other.park_id, other.stage) == (state.park_id, state.stage)
        if number == story.parcel.parcel_no or not alike:
            continue
        if shapely.dwithin(own, shapely.from_wkb(wkb), TOUCHING_DEGREES):
            found.append((number, other.area_m2))
    return found


def _near(box: LonLatBox | None, as_of: date) -> list[tuple[str, bytes, ParcelState]]:
    if box is None:
        return []
    try:
        # Who has just split a parcel merges its parts next: the index must know them.
        app_tiles().look(patience_s=PATIENCE_S)
        numbers = parcels_near(app_tiles().standing(), box)
    except DongtouGeoError:
        # The tiles are being read, or cannot be: the map says so, a sketch is drawn alone.
        return []
    return drawn_on(shelved_ledger(), numbers, as_of)


def once(name: str, args: tuple[Hashable, ...], make: Callable[[], Made]) -> Made:
    """Return what was made of plan and ledger as they stand, made anew when either changes.

    Parameters
    ----------
    name : str
        What it is.
    args : tuple
        What else it depends on; all of them plain values.
    make : callable
        Makes it.
    """
    made: Made = _once((name, *args), (app_shelf().key(), _fingerprint()), make)
    return made


@st.cache_resource(max_entries=1, show_spinner=False)
def settle() -> None:
    """Tell the garbage collector, once, that what is loaded by now stays.

    Notes
    -----
    Streamlit collects all of the process's garbage after every run of a page and holds up
    everybody meanwhile: most of that time goes into the libraries, which never are garbage.
    """
    gc.collect()
    gc.freeze()


def quality_gaps(view: LedgerView, as_of: date) -> tuple[list[ParkGaps], dict[int, LastLine]]:
    """Return what every park's parcels lack on a day, asked again when the ledger changes."""
    return once("quality-gaps", (as_of,), lambda: gaps_of(view, as_of))


def quality_issues(
    view: LedgerView, scope: Scope, check: LandCheck | None
) -> tuple[IssueCount, ...]:
    """Count what does not fit together in the ledger, counted again when it changes."""
    where = (scope.as_of, scope.place, scope.text, check is not None)
    return once("quality-issues", where, lambda: tuple(issue_counts(atlas(), view, scope, check)))


def last_event_id() -> int:
    """Return the last event id of the ledger as it is shown now."""
    version = ledger().stamp.ledger_version or ""
    return int(version.rpartition("-")[2] or 0)


def outline_area_m2(wkb: bytes) -> float:
    """Return an outline's ellipsoidal area, m2."""
    return float(area_m2([shapely.from_wkb(wkb)])[0])


def today() -> date:
    """Return today in Asia/Shanghai."""
    return day_here(datetime.now(UTC))


def default_as_of(view: LedgerView) -> date:
    """Return the day shown where the address names none: the sample's 数据截止, else today."""
    until = view.stamp.data_until
    return until if view.stamp.sample and until else today()


def _fingerprint() -> tuple[tuple[str, int, int], ...]:
    """Return what the files of the plan look like; one page asks a dozen times in a moment."""
    return _looked_at(int(time.monotonic() / LOOK_EVERY_S))


@lru_cache(maxsize=1)
def _looked_at(_moment: int) -> tuple[tuple[str, int, int], ...]:
    files = [*settings.GEODATA.rglob("*.*"), *settings.LAYERS.glob("*.toml")]
    stats = ((str(path), path.stat()) for path in sorted(files))
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


@st.cache_resource(max_entries=2, show_spinner=False)
def _errors(key: tuple[tuple[str, int, int], ...]) -> list[Problem]:
    found = check_all(geodata=settings.GEODATA, layers=settings.LAYERS)
    return [problem for problem in found if problem.severity is Severity.ERROR]


@st.cache_resource(max_entries=2, show_spinner=False)
def _atlas(key: tuple[tuple[str, int, int], ...]) -> Atlas:
    return load_atlas()


@st.cache_resource(max_entries=2, show_spinner=False)
def _ground(key: tuple[tuple[str, int, int], ...]) -> Ground:
    return read_ground()


@st.cache_resource(max_entries=2, show_spinner=False)
def _layers(key: tuple[tuple[str, int, int], ...]) -> list[Layer]:
    return load_layers()


@st.cache_resource(max_entries=48, show_spinner=False)
def _once(what: tuple[Hashable, ...], state: tuple[object, ...], _make: Callable[[], Any]) -> Any:
    return _make()
