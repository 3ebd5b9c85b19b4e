"""One file that holds the map of a day: Leaflet, scripts, plan, parcels and figures all inlined.

Notes
-----
It is carried on a USB stick and opened from the disk, so it must not ask for anything. The page's
own policy (``default-src 'none'``, the one script known by its hash) makes the browser refuse
whatever might. The scripts are the app's: they ask for the same addresses, which one_file.js
answers from what lies in the page.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dongtou_geo import settings
from dongtou_geo.catalog.layers import Layer, load_layers, status_fills
from dongtou_geo.domain import written
from dongtou_geo.domain.parcel import Origin
from dongtou_geo.domain.status import STATUSES
from dongtou_geo.errors import DatasetError, UsageError
from dongtou_geo.formats.exporting import published
from dongtou_geo.maps import offline, overview, payload
from dongtou_geo.maps import printed_words as words
from dongtou_geo.maps.one_file_parcels import MAX_VERTICES, PackedParcels, packed
from dongtou_geo.services.map_sheet import MapSheet
from dongtou_geo.services.park_industries import park_industries
from dongtou_geo.services.progress import unreported

TEMPLATES = Path(__file__).resolve().parent / "templates"
# The date is fixed: the time bar stays out.
LEFT_OUT = ("time.js",)
OWN_SCRIPTS = ("one_file_parcels.js", "one_file.js")


@dataclass(frozen=True, slots=True)
class OneFileChoice:
    """What the page shows when it is opened.

    Parameters
    ----------
    selected : str or None
        Feature id; None = 全区.
    layers : tuple of str or None
        Layers that are on; None = as the layer files say.
    max_vertices : int
        Above so many corners the parcels' outlines are simplified.
    """

    selected: str | None = None
    layers: tuple[str, ...] | None = None
    max_vertices: int = MAX_VERTICES


def write_one_file(
    sheet: MapSheet, target: Path, choice: OneFileChoice | None = None
) -> tuple[str, ...]:
    """Write the map of a day as one HTML file; a file that is there is replaced once it is whole.

    Parameters
    ----------
    sheet : MapSheet
        What it shows.
    target : Path
        The file.
    choice : OneFileChoice, optional
        What it shows when it is opened.

    Returns
    -------
    tuple of str
        What the person who asked for it should know, in Chinese.

    Raises
    ------
    DongtouGeoError
        If the map's own files are missing or the file cannot be written.
    """
    html, notes = one_file_html(sheet, choice or OneFileChoice())
    with published(target, overwrite=True) as part:
        part.write_text(html, encoding="utf-8", newline="\n")
    return notes


def one_file_html(sheet: MapSheet, choice: OneFileChoice) -> tuple[str, tuple[str, ...]]:
    """Return the page, and what should be said about it.

    Parameters
    ----------
    sheet : MapSheet
        What it shows.
    choice : OneFileChoice
        What it shows when it is opened.

    Returns
    -------
    str
        The HTML document.
    tuple of str
        Remarks in Chinese.
    """
    layers = load_layers()
    parcels = packed(sheet.parcels, max_vertices=choice.max_vertices)
    script = _script()
    page = _environment().get_template("one_file.html")
    html = page.render(
        sheet=sheet,
        stamp=sheet.stamp,
        inside=[row for row in sheet.rows if row.id is not None],
        outside=[row for row in sheet.rows if row.id is None],
        silent=unreported(sheet.rows),
        names=sheet.atlas.place_names,
        stated={park.id: park_industries(sheet.atlas, park) for park in sheet.atlas.book.parks},
        fills=status_fills(layers),
        statuses=STATUSES,
        standing_line=settings.STANDING_LINE,
        script=_Verbatim(script),
        script_hash=_hash_of(script),
        style=_Verbatim(_style()),
        data=_documents(sheet, choice, layers, parcels),
        note=parcels.note,
    )
    return html, (parcels.note,) if parcels.note else ()


def checked_layers(given: str | None) -> tuple[str, ...] | None:
    """Read which layers are wanted: ids with commas between them.

    Parameters
    ----------
    given : str or None
        As on the command line; None = as the layer files say.

    Raises
    ------
    UsageError
        If there is no such layer.
    """
    if given is None:
        return None
    known = [layer.id for layer in load_layers()]
    wanted = tuple(dict.fromkeys(word.strip() for word in given.split(",") if word.strip()))
    unknown = [word for word in wanted if word not in known]
    if unknown or not wanted:
        msg = f"--layers {given}：没有图层“{'、'.join(unknown)}”，可用的有 {'、'.join(known)}，以逗号分隔"
        raise UsageError(msg)
    return wanted


class _Verbatim:
    """Text of ours that goes into the page as it stands."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __html__(self) -> str:
        return self._text


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for function in (written.mu, written.percent, written.goal, written.plain, written.yi):
        environment.filters[function.__name__] = function
    environment.globals |= {
        "own_mu": words.own_mu,
        "rate": words.rate,
        "verdict": words.verdict,
    }
    return environment


def _documents(
    sheet: MapSheet, choice: OneFileChoice, layers: list[Layer], parcels: PackedParcels
) -> dict[str, _Verbatim]:
    """Return what the scripts read, by the id of the block that holds it."""
    content: dict[str, object] = {
        "config": _config(),
        "state": asdict(_state(sheet, choice, layers)),
        "plan": payload.plan_document(layers),
        "coast": payload.read_source(settings.GEODATA / "coast.geojson"),
        "parcels": parcels.document,
        "progress": [row.as_dict() for row in sheet.rows],
    }
    return {name: _Verbatim(inline_json(value)) for name, value in content.items()}


def inline_json(value: object) -> str:
    """Return JSON that stays inside its script element: no tag is closed or opened by a name.

    Parameters
    ----------
    value : object
        Plain JSON values.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _config() -> dict[str, object]:
    local = "local"
    return {
        "plan_url": f"{local}/plan.json",
        "coast_url": f"{local}/coast.json",
        "data_url": local,
        "tiles_url": f"{local}/tiles",
        "home": overview.HOME_BOUNDS,
        "standing_line": settings.STANDING_LINE,
        "font": overview.FONT,
        "parcel_zoom": overview.PARCEL_ZOOM,
        "status_labels": {
            origin.value: {
                account.value: account.filled_sea_label
                if origin is Origin.FILLED_SEA
                else account.label
                for account in STATUSES
            }
            for origin in Origin
        },
        "statuses": [account.value for account in STATUSES],
        "legend_labels": {a.value: overview.legend_label(a) for a in STATUSES},
    }


def _state(sheet: MapSheet, choice: OneFileChoice, layers: list[Layer]) -> overview.MapState:
    silent = unreported(sheet.rows)
    hover = {row.id: words.one_figure(row) for row in sheet.rows if row.id is not None}
    hover |= {
        row.id: words.one_figure(row, silent.get(row.id))
        for row in sheet.zones
        if row.id is not None
    }
    on = choice.layers
    return overview.MapState(
        as_of=sheet.as_of.isoformat(),
        selected=choice.selected,
        layers=[layer.id for layer in layers if (layer.visible if on is None else layer.id in on)],
        hover=hover,
        status_mu={
            account.value: sum(row.by_status_mu[account] for row in sheet.rows)
            for account in STATUSES
        },
        source=sheet.source,
        unrecorded=[row.id for row in sheet.rows if row.id is not None and row.recorded_mu == 0],
        tiles={"version": "local", "busy": False},
    )


def _script() -> str:
    folders = _folders()
    leaflet = (folders.leaflet / "leaflet.js").read_text(encoding="utf-8")
    # A debugger would ask for the source map.
    parts = [re.sub(r"//# sourceMappingURL=\S*", "", leaflet)]
    names = [name for name in offline.SCRIPTS if name not in LEFT_OUT]
    parts += [(folders.own / name).read_text(encoding="utf-8") for name in (*names, *OWN_SCRIPTS)]
    script = "\n;\n".join(parts).replace("\r\n", "\n").replace("\r", "\n")
    if "</script" in script.lower() or "<!--" in script:
        msg = "地图脚本不能放进单个网页文件：其中有会提前结束脚本的文字"
        raise DatasetError(msg)
    return script


def _style() -> str:
    folders = _folders()
    leaflet = (folders.leaflet / "leaflet.css").read_text(encoding="utf-8")
    # Pictures of markers and of Leaflet's own layer list: neither is on this map.
    parts = [re.sub(r"url\([^)]*\)", "none", leaflet)]
    names = (*offline.STYLES, "one_file.css")
    parts += [(folders.own / name).read_text(encoding="utf-8") for name in names]
    return "\n".join(parts)


@dataclass(frozen=True, slots=True)
class _Folders:
    leaflet: Path
    own: Path


def _folders() -> _Folders:
    folders = offline.asset_folders()
    missing = folders.missing()
    if missing or folders.leaflet is None:
        msg = f"地图缺少文件：{'、'.join(missing)}。请删除 .venv 文件夹后重新运行 python3 start.py"
        raise DatasetError(msg)
    return _Folders(folders.leaflet, folders.own)


def _hash_of(script: str) -> str:
    digest: Any = hashlib.sha256(script.encode("utf-8")).digest()
    return base64.b64encode(digest).decode("ascii")
