"""The printed map: one sheet of A4 or A3 from the same layer files as the map on the screen."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context

from dongtou_geo import settings
from dongtou_geo.catalog.layers import PROJECTS_DATASET, Layer
from dongtou_geo.domain.places import Park, Project, Zone
from dongtou_geo.domain.status import STATUSES
from dongtou_geo.errors import UsageError
from dongtou_geo.formats.exporting import published
from dongtou_geo.maps import printed_column, printed_margin
from dongtou_geo.maps.printed_content import Content, bounds_of, read_content
from dongtou_geo.maps.printed_facts import facts_of, title_of
from dongtou_geo.maps.printed_font import Typeface, embed_as_truetype, find_typeface
from dongtou_geo.maps.printed_ground import Ground, View, view_of
from dongtou_geo.maps.printed_labels import LabelBoard
from dongtou_geo.maps.printed_names import write_names
from dongtou_geo.maps.printed_page import Box, Page, Paper
from dongtou_geo.services.dossier import PARCEL_PREFIX
from dongtou_geo.services.map_sheet import MapSheet

SUFFIXES = (".png", ".pdf", ".svg")
DPI = 300
_RC: Any = {
    "pdf.fonttype": 42,
    # Outlines of letters look alike everywhere, whatever fonts the reader has.
    "svg.fonttype": "path",
    "svg.hashsalt": "dongtou_geo",
    "hatch.linewidth": 0.55,
    "text.parse_math": False,
    # Letters as wide as they are measured, at any resolution.
    "text.hinting": "none",
    "axes.unicode_minus": False,
}


@dataclass(frozen=True, slots=True)
class PrintChoice:
    """How a map is printed.

    Parameters
    ----------
    paper : {"A4", "A3"}
        Size.
    portrait : bool
        The longer side upright.
    dpi : int
        Dots an inch of a PNG.
    selected : str or None
        Feature id to zoom to; None = 全区.
    layers : tuple of str or None
        Layers that are on; None = as the layer files say.
    approval_no : str or None
        审图号, printed only where it is given.
    """

    paper: Paper = "A4"
    portrait: bool = False
    dpi: int = DPI
    selected: str | None = None
    layers: tuple[str, ...] | None = None
    approval_no: str | None = None


def print_map(sheet: MapSheet, target: Path, choice: PrintChoice | None = None) -> None:
    """Print a map; a file that is there is replaced once the new one is whole.

    Parameters
    ----------
    sheet : MapSheet
        What it shows.
    target : Path
        A .png, .pdf or .svg file.
    choice : PrintChoice, optional
        How.

    Raises
    ------
    PrintFontError
        If no Chinese face is installed.
    DongtouGeoError
        If the plan cannot be read, the suffix is another one, or the file cannot be written.
    """
    choice = choice or PrintChoice()
    if target.suffix.lower() not in SUFFIXES:
        msg = f"文件 {target} 的后缀“{target.suffix}”不能印成地图，应为 {'、'.join(SUFFIXES)}"
        raise UsageError(msg)
    with rc_context(_RC), tempfile.TemporaryDirectory(prefix="dongtou-map-") as folder:
        page, _ = composed(sheet, choice, find_typeface())
        if target.suffix.lower() == ".pdf":
            embed_as_truetype(page.figure, Path(folder))
        with published(target, overwrite=True) as part:
            page.figure.savefig(part, dpi=choice.dpi, metadata=_metadata(target, sheet))


def composed(sheet: MapSheet, choice: PrintChoice, typeface: Typeface) -> tuple[Page, View]:
    """Compose the sheet without writing it anywhere.

    Parameters
    ----------
    sheet : MapSheet
        What it shows.
    choice : PrintChoice
        How.
    typeface : Typeface
        What it is set in.

    Returns
    -------
    Page
        With its figure and everything that was written, and where.
    View
        Which part of the country it shows.
    """
    page = Page(choice.paper, portrait=choice.portrait, typeface=typeface)
    content = read_content(sheet, choice.layers)
    room = _rooms(page)
    view = view_of(bounds_of(sheet, content, choice.selected), room["map"], padding=0.04)
    ground = Ground(page, view)
    _paint(ground, content, sheet, choice)
    board = LabelBoard(page, view)
    board.block(printed_margin.north_box(page, view))
    printed_margin.draw_north(page, view)
    write_names(page, view, board, content, sheet)
    printed_margin.draw_degrees(page, ground)
    place = title_of(sheet, choice.selected)
    printed_margin.draw_title(page, sheet, room["head"], place)
    scale = room["scale"]
    printed_margin.draw_scale(page, view, scale.x, scale.y + 1.6 * page.unit)
    printed_margin.draw_remarks(page, board.remarks, scale)
    printed_margin.draw_foot(page, content.layers, room["foot"], choice.approval_no)
    _columns(page, room["side"], content.layers, sheet, choice.selected)
    return page, view


def _rooms(page: Page) -> dict[str, Box]:
    """Divide the page: head, map, scale under it, side (or below), foot."""
    unit = page.unit
    edge, ticks = 9 * unit, 4 * unit
    width = page.width - 2 * edge
    head = Box(edge, 8 * unit, width, 13.5 * unit)
    foot = Box(edge, page.height - 15 * unit, width, 9 * unit)
    top = head.foot + ticks - 1.5 * unit
    if page.portrait:
        height = (foot.y - top) * 0.55
        map_box = Box(edge + ticks, top, width - ticks, height)
        scale = Box(map_box.x, map_box.foot + 1.2 * unit, map_box.width, 6 * unit)
        side = Box(edge, scale.foot + 2.5 * unit, width, foot.y - scale.foot - 4 * unit)
    else:
        column = 70 * unit
        map_box = Box(edge + ticks, top, width - column - 5 * unit - ticks, foot.y - top - 9 * unit)
        scale = Box(map_box.x, map_box.foot + 1.2 * unit, map_box.width, 6 * unit)
        side = Box(map_box.right + 5 * unit, head.foot, column, foot.y - head.foot - 2 * unit)
    return {"head": head, "map": map_box, "scale": scale, "side": side, "foot": foot}


def _paint(ground: Ground, content: Content, sheet: MapSheet, choice: PrintChoice) -> None:
    silent = {row.id for row in sheet.rows if row.recorded_mu == 0}
    for layer in content.layers:
        if layer.style.symbol == "status":
            ground.parcels(layer, content.parcels, sheet.parcels.status[content.drawn])
        elif layer.dataset == "parks":
            # A park without records has no parcels to show that: its line tells.
            ids = [record.text("id") for record in content.records["parks"]]
            quiet = np.array([park_id in silent for park_id in ids], dtype=bool)
            ground.outlines(layer, content.shapes["parks"][~quiet])
            ground.outlines(layer, content.shapes["parks"][quiet], dash="5 4")
        elif layer.dataset != PROJECTS_DATASET:
            ground.outlines(layer, content.shapes[layer.dataset])
    selected = choice.selected or ""
    if selected.startswith(PARCEL_PREFIX):
        at = content.row_of(sheet, selected)
        ground.mark(content.parcels[at : at + 1])


def _columns(
    page: Page, side: Box, layers: Sequence[Layer], sheet: MapSheet, selected: str | None
) -> None:
    """Write the blocks: under one another beside the map, or in three columns below it."""
    columns = _side_columns(page, side)
    place = sheet.place(selected) if selected else None
    row = sheet.row(selected) if selected else None
    first, middle, last = columns[0], columns[len(columns) // 2], columns[-1]
    if isinstance(place, Park) and row is not None:
        printed_column.park_figures(first, sheet, place, row)
    else:
        if selected and row is None:
            printed_column.facts(first, *facts_of(sheet, selected))
        rows = [r for r in sheet.rows if r.id is not None]
        if isinstance(place, Zone):
            rows = [r for r in rows if r.zone_id == place.id]
        printed_column.figures(first, sheet, rows)
    first.gap(2)
    printed_column.legend(middle, layers, _status_figures(sheet, selected))
    middle.gap(2)
    drawn = any(layer.dataset == PROJECTS_DATASET for layer in layers)
    if drawn and selected is None:
        printed_column.unplaced_projects(last, sheet)
        last.gap(2)
    printed_column.sources(last, sheet, layers)
    if drawn:
        top = max(column.y for column in columns) + 2 * page.unit
        left = Box(side.x, top, side.width, side.foot - top)
        printed_column.placed_projects(page, left, *_listed(sheet, place))


def _listed(sheet: MapSheet, place: object) -> tuple[list[Project], str]:
    """Return which projects are listed, and under which heading."""
    projects = sheet.atlas.projects
    if isinstance(place, Park):
        return [p for p in projects if p.park_id == place.id], "规划写明在此的项目"
    if isinstance(place, Zone):
        return [p for p in projects if p.zone_id == place.id], "本片区的项目"
    return [p for p in projects if p.on_map], "图上项目"


def _side_columns(page: Page, side: Box) -> list[printed_column.Column]:
    gap = 5 * page.unit
    shares = (0.38, 0.34, 0.28) if page.portrait else (1.0,)
    free = side.width - gap * (len(shares) - 1)
    columns, x = [], side.x
    for share in shares:
        columns.append(printed_column.Column(page, Box(x, side.y, share * free, side.height)))
        x += share * free + gap
    return columns


def _status_figures(sheet: MapSheet, selected: str | None) -> printed_column.Figures | None:
    row = sheet.row(selected) if selected else None
    rows = [row] if row is not None else list(sheet.rows)
    if not any(r.recorded_mu for r in rows):
        return None
    total = {account: sum(r.by_status_mu[account] for r in rows) for account in STATUSES}
    return printed_column.Figures("全区（含园区外）" if row is None else row.name, total)


def _metadata(target: Path, sheet: MapSheet) -> dict[str, Any]:
    title = f"{printed_margin.TITLE} 截至 {sheet.as_of}"
    if sheet.stamp.sample:
        title += "（示例）"
    if target.suffix.lower() == ".pdf":
        return {"Title": title, "Subject": settings.STANDING_LINE, "CreationDate": None}
    if target.suffix.lower() == ".svg":
        return {"Title": title, "Description": settings.STANDING_LINE, "Date": None}
    return {"Title": title, "Description": settings.STANDING_LINE}
