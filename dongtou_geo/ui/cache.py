"""Everything the pages keep between reruns: the only place with st.cache_*."""

from __future__ import annotations

from datetime import UTC, date, datetime

import streamlit as st

from dongtou_geo import settings
from dongtou_geo.catalog.layers import Layer, load_layers
from dongtou_geo.domain.day import day_here
from dongtou_geo.domain.problem import Problem, Severity
from dongtou_geo.services.check import check_all
from dongtou_geo.services.dossier import Atlas, load_atlas
from dongtou_geo.services.progress import LedgerView
from dongtou_geo.services.shelf import app_shelf


def errors_in_geodata() -> list[Problem]:
    """Return what keeps the plan from being drawn; checked again when a file changes."""
    return _errors(_fingerprint())


def atlas() -> Atlas:
    """Return the plan, read again when a file under geodata/ changes."""
    return _atlas(_fingerprint())


def layers() -> list[Layer]:
    """Return the layers, read again when a file under layers/ changes."""
    return _layers(_fingerprint())


def ledger() -> LedgerView:
    """Return the ledger as it stands now.

    Raises
    ------
    LedgerError
        If it cannot be read.
    """
    return app_shelf().view()


def today() -> date:
    """Return today in Asia/Shanghai."""
    return day_here(datetime.now(UTC))


def default_as_of(view: LedgerView) -> date:
    """Return the day shown where the address names none: the sample's 数据截止, else today."""
    until = view.stamp.data_until
    return until if view.stamp.sample and until else today()


def _fingerprint() -> tuple[tuple[str, int, int], ...]:
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
def _layers(key: tuple[tuple[str, int, int], ...]) -> list[Layer]:
    return load_layers()
