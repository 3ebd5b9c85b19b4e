"""一张图: the constant folium map, and the small state that changes on every rerun.

Notes
-----
st_folium keys its frame by the map's script, so the base map must be the same text on every
run; what changes travels in a feature group, which is run again without reloading the map.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

import folium
from branca.element import MacroElement
from jinja2 import Template

from dongtou_geo.domain.parcel import Origin
from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.settings import STANDING_LINE

# The district from 灵昆 to 鹿西, lat/lon.
HOME_BOUNDS = [[27.805, 120.905], [28.015, 121.19]]
# From this zoom on a parcel is large enough to be clicked.
PARCEL_ZOOM = 14
FONT = '"Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",sans-serif'


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the browser fetches what it draws; a new version of a document is a new address."""

    plan_url: str
    coast_url: str
    data_url: str
    tiles_url: str


@dataclass(frozen=True, slots=True)
class MapState:
    """What the map shows now.

    Parameters
    ----------
    as_of : str
        ISO date.
    selected : str or None
        Feature id.
    layers : list of str
        Ids of the layers that are on.
    hover : dict of str to str
        The one figure of each place on that date.
    status_mu : dict of str to float
        District-wide 亩 by status on that date, for the legend.
    source : str
        Date and ledger, under every figure that hovering shows.
    unrecorded : list of str
        Parks for which nothing is recorded: drawn dashed.
    parcel : dict or None
        The selected parcel with its outline: tiles have ids, no numbers.
    tiles : dict
        ``version`` of the tiles, and ``busy`` while parcels are being read.
    months : dict of str to float
        Months in which land moved, as 2018-12, and how much beside the others.
    span : tuple of str
        First and last day that the time bar reaches.
    """

    as_of: str
    selected: str | None
    layers: list[str]
    hover: Mapping[str, str] = field(default_factory=dict)
    status_mu: Mapping[str, float] = field(default_factory=dict)
    source: str = ""
    unrecorded: list[str] = field(default_factory=list)
    parcel: Mapping[str, object] | None = None
    tiles: Mapping[str, object] = field(default_factory=dict)
    months: Mapping[str, float] = field(default_factory=dict)
    span: tuple[str, str] = ("2013-01-01", "2020-12-31")


class _Script(MacroElement):
    """One call into the browser's script, its argument as JSON that cannot leave the script."""

    def __init__(self, template: Template, argument: object) -> None:
        super().__init__()
        self._template = template
        self.argument = script_json(argument)


_MOUNT = Template(
    "{% macro script(this, kwargs) %}"
    "dtg.mount({{ this._parent.get_name() }}, {{ this.argument }});"
    "{% endmacro %}"
)
_UPDATE = Template("{% macro script(this, kwargs) %}dtg.update({{ this.argument }});{% endmacro %}")


def script_json(value: object) -> str:
    """Return JSON that is safe inside a script: no tag can be closed or opened by a name.

    Parameters
    ----------
    value : object
        Plain JSON values.
    """
    text = json.dumps(value, ensure_ascii=True, sort_keys=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def base_map(addresses: Addresses) -> folium.Map:
    """Build the map that never changes while it is on the screen.

    Parameters
    ----------
    addresses : Addresses
        Where the browser fetches the plan, the coast and the tiles of the parcels.

    Returns
    -------
    folium.Map
        Without tiles: nothing outside this machine is asked for.
    """
    view = folium.Map(
        location=[27.9, 121.05],
        zoom_start=12,
        tiles=None,
        zoom_snap=0.25,
        zoom_delta=0.5,
        min_zoom=9,
        max_zoom=19,
    )
    config = {
        **asdict(addresses),
        "home": HOME_BOUNDS,
        "standing_line": STANDING_LINE,
        "font": FONT,
        "parcel_zoom": PARCEL_ZOOM,
        "status_labels": {origin.value: _labels(origin) for origin in Origin},
        "statuses": [account.value for account in STATUSES],
        "legend_labels": {account.value: legend_label(account) for account in STATUSES},
    }
    view.add_child(_Script(_MOUNT, config))
    return view


def state_group(state: MapState) -> folium.FeatureGroup:
    """Wrap the state so that st_folium runs it without reloading the map.

    Parameters
    ----------
    state : MapState
        What the map shows now.
    """
    group = folium.FeatureGroup(name="state")
    group.add_child(_Script(_UPDATE, asdict(state)))
    return group


def legend_label(account: Account) -> str:
    """Return a status's words for both land and filled sea."""
    own, filled = account.label, account.filled_sea_label
    return own if own == filled else f"{own} / {filled}"


def _labels(origin: Origin) -> dict[str, str]:
    sea = origin is Origin.FILLED_SEA
    return {a.value: a.filled_sea_label if sea else a.label for a in STATUSES}
