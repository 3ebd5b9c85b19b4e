"""图层: how each dataset is drawn, read from layers/*.toml and refused where it does not fit."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dongtou_geo import settings
from dongtou_geo.domain.problem import Problem, Severity
from dongtou_geo.domain.status import STATUSES
from dongtou_geo.errors import DatasetError

LEDGER_DATASET = "ledger"
Colour = Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Style(_Strict):
    """How the features of a layer are painted; lengths in CSS pixels."""

    symbol: Literal["area", "hatch", "line", "status", "circle"]
    stroke: Colour
    weight: float = Field(ge=0, le=10)
    fill: Colour | None = None
    hatch: Colour | None = None
    dash: str | None = Field(default=None, pattern=r"^[0-9 .]+$")
    # An outline drawn above the parcels answers the mouse from below them, at this order.
    hit_order: int | None = None


class Tooltip(_Strict):
    """The one figure that hovering a feature shows beside its name."""

    figure: Literal["progress", "plan_area", "status", "investment"]


class Label(_Strict):
    """How names are written; a smaller priority wins the place."""

    size: float = Field(ge=8, le=40)
    color: Colour
    spacing: float = 0.0
    min_zoom: float = 0.0
    priority: int = 9


class ClassStyle(_Strict):
    """The paint of one class of features: a status, or a project group."""

    value: str
    fill: Colour
    label: str | None = None
    hatch: Colour | None = None


class LegendLine(_Strict):
    """A line of words under the layer's name in the legend."""

    label: str


class Layer(_Strict):
    """One layer, as its TOML file says; ``id`` is the file's name."""

    id: str
    title: str = Field(min_length=1)
    group: Literal["规划", "台账", "底图"]
    dataset: str
    order: int
    visible: bool
    style: Style
    credit: str | None = None
    tooltip: Tooltip | None = None
    label: Label | None = None
    classes: tuple[ClassStyle, ...] = ()
    legend: tuple[LegendLine, ...] = ()


def load_layers(root: Path = settings.LAYERS) -> list[Layer]:
    """Read every layer, bottom first.

    Parameters
    ----------
    root : Path
        Folder of the TOML files.

    Returns
    -------
    list of Layer
        By ``order``.

    Raises
    ------
    DatasetError
        If a file cannot be read or does not fit; ``layer_problems`` tells all of them.
    """
    layers = []
    for path in sorted(root.glob("*.toml")):
        read = _read(path)
        if not isinstance(read, Layer):
            raise DatasetError(read[0].message)
        layers.append(read)
    return sorted(layers, key=lambda layer: layer.order)


def status_fills(layers: Collection[Layer]) -> dict[str, ClassStyle]:
    """Return the paint of each status, from the layer that draws the ledger.

    Parameters
    ----------
    layers : collection of Layer
        As ``load_layers`` returns them.
    """
    drawn = next(layer for layer in layers if layer.dataset == LEDGER_DATASET)
    return {style.value: style for style in drawn.classes}


def layer_problems(root: Path, dataset_ids: Collection[str]) -> list[Problem]:
    """Find everything that is wrong with the layer files, all at once.

    Parameters
    ----------
    root : Path
        Folder of the TOML files.
    dataset_ids : collection of str
        Datasets that exist.

    Returns
    -------
    list of Problem
        Empty when every layer can be drawn.
    """
    problems: list[Problem] = []
    known = {*dataset_ids, LEDGER_DATASET}
    for path in sorted(root.glob("*.toml")):
        read = _read(path)
        if isinstance(read, Layer):
            problems.extend(_misfits(path, read, known))
        else:
            problems.extend(read)
    if not any(root.glob("*.toml")):
        problems.append(
            _problem(root, None, "图层文件夹里没有任何 TOML 文件", "至少一个图层", "layer_missing")
        )
    return problems


def _read(path: Path) -> Layer | list[Problem]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return [_problem(path, None, str(error), "可读的 UTF-8 TOML 文件", "layer_unreadable")]
    try:
        return Layer.model_validate({"id": path.stem, **content})
    except ValidationError as error:
        return [_from_pydantic(path, detail) for detail in error.errors()]


def _from_pydantic(path: Path, detail: object) -> Problem:
    loc = ".".join(str(part) for part in detail["loc"])  # type: ignore[index]
    kind, value = detail["type"], detail["input"]  # type: ignore[index]
    if kind == "extra_forbidden":
        fields = "、".join(name for name in Layer.model_fields if name != "id")
        return _problem(path, loc, str(value), f"去掉该键；可用的键：{fields}", "layer_unknown_key")
    if kind == "missing":
        return _problem(path, loc, None, "补上该键", "layer_missing_key")
    wanted = _WANTED.get(kind, str(detail["msg"]))  # type: ignore[index]
    if kind == "literal_error":
        wanted = f"其中之一：{detail['ctx']['expected']}"  # type: ignore[index]
    return _problem(path, loc, str(value), wanted, "layer_bad_value")


# The one pattern that people get wrong is a colour; the other is a dash.
_WANTED = {
    "string_pattern_mismatch": "颜色写作 #RRGGBB，虚线写作如 8 5",
    "int_parsing": "整数",
    "int_type": "整数",
    "float_parsing": "数字",
    "float_type": "数字",
    "bool_parsing": "true 或 false",
    "bool_type": "true 或 false",
    "string_type": "文字",
    "string_too_short": "不为空的文字",
}


def _misfits(path: Path, layer: Layer, known: set[str]) -> Iterator[Problem]:
    if layer.dataset not in known:
        choices = "、".join(sorted(known))
        yield _problem(
            path, "dataset", layer.dataset, f"已有的数据集：{choices}", "layer_missing_dataset"
        )
    if layer.style.symbol == "status":
        named = {style.value for style in layer.classes}
        for status in STATUSES:
            if status.value not in named:
                yield _problem(
                    path, "classes", None, f"补上状态 {status.value}", "layer_missing_status"
                )
        for value in sorted(named - {status.value for status in STATUSES}):
            choices = "、".join(status.value for status in STATUSES)
            yield _problem(path, "classes", value, f"状态之一：{choices}", "layer_unknown_status")


def _problem(path: Path, field: str | None, value: str | None, expected: str, code: str) -> Problem:
    file = f"layers/{path.name}" if path.suffix else "layers"
    where = f"{file} 的 {field}" if field else file
    found = f"“{value}”不合适" if value is not None else "缺失或不可用"
    return Problem(
        file=file,
        feature=None,
        field=field,
        value=value,
        expected=expected,
        code=code,
        severity=Severity.ERROR,
        message=f"{where}{found}，应为：{expected}",
    )
