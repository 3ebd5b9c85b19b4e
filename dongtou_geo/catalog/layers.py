"""图层: how each dataset is drawn, read from layers/*.toml and refused where it does not fit."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from dongtou_geo import settings
from dongtou_geo.domain.problem import Problem, Severity
from dongtou_geo.domain.status import STATUSES
from dongtou_geo.errors import DatasetError
from dongtou_geo.frames.schemas import GROUPS

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

LEDGER_DATASET = "ledger"
PROJECTS_DATASET = "projects"
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
    spacing: FiniteFloat = 0.0
    min_zoom: FiniteFloat = 0.0
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
        content = _content(path)
        read = [content] if isinstance(content, Problem) else _layer(path, content)
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

    Raises
    ------
    DatasetError
        If no layer draws the ledger.
    """
    drawn = [layer for layer in layers if layer.dataset == LEDGER_DATASET]
    if not drawn:
        raise DatasetError(_no_ledger(settings.LAYERS).message)
    return {style.value: style for style in drawn[0].classes}


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
    drawn_by: dict[str, Path] = {}
    unreadable = False
    paths = sorted(root.glob("*.toml"))
    for path in paths:
        content = _content(path)
        if isinstance(content, Problem):
            problems.append(content)
            unreadable = True
            continue
        layer, dataset = _layer(path, content), content.get("dataset")
        problems.extend(_misfits(path, layer, known) if isinstance(layer, Layer) else layer)
        if isinstance(dataset, str) and drawn_by.setdefault(dataset, path) != path:
            wanted = f"另一个数据集：它已由 layers/{drawn_by[dataset].name} 绘出"
            problems.append(_problem(path, "dataset", dataset, wanted, "layer_dataset_twice"))
    if not paths:
        problems.append(_problem(root, None, None, "至少一个 TOML 图层文件", "layer_missing"))
    elif LEDGER_DATASET not in drawn_by and not unreadable:
        # A file that cannot be read at all may be the one: then that is the finding.
        problems.append(_no_ledger(root))
    return problems


def _content(path: Path) -> dict[str, object] | Problem:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return _problem(path, None, str(error), "可读的 UTF-8 TOML 文件", "layer_unreadable")


def _layer(path: Path, content: dict[str, object]) -> Layer | list[Problem]:
    problems = []
    if "id" in content:
        problems.append(_unknown_key(path, ("id",), content["id"]))
    try:
        layer = Layer.model_validate({**content, "id": path.stem})
    except ValidationError as error:
        return problems + [_from_pydantic(path, detail) for detail in error.errors()]
    return problems or layer


def _from_pydantic(path: Path, detail: ErrorDetails) -> Problem:
    loc, kind, limits = detail["loc"], detail["type"], detail.get("ctx", {})
    field = ".".join(map(str, loc))
    if kind == "extra_forbidden":
        return _unknown_key(path, loc, detail["input"])
    if kind == "missing":
        return _problem(path, field, None, "补上该键", "layer_missing_key")
    if kind == "literal_error":
        words = re.findall(r"'([^']*)'", str(limits["expected"]))
        wanted = f"其中之一：{'、'.join(words)}"
    elif kind == "string_pattern_mismatch":
        wanted = "虚线写作如 8 5" if loc[-1] == "dash" else "颜色写作 #RRGGBB"
    else:
        wanted = _WANTED.get(kind, "合适的值").format(**limits)
    return _problem(path, field, str(detail["input"]), wanted, "layer_bad_value")


def _unknown_key(path: Path, loc: tuple[int | str, ...], value: object) -> Problem:
    """Name the keys of the very table that the wrong key stands in."""
    table = _TABLES[str(loc[0])] if len(loc) > 1 else Layer
    fields = "、".join(name for name in table.model_fields if name != "id")
    wanted = f"去掉该键；可用的键：{fields}"
    return _problem(path, ".".join(map(str, loc)), str(value), wanted, "layer_unknown_key")


_TABLES: dict[str, type[BaseModel]] = {
    "style": Style,
    "tooltip": Tooltip,
    "label": Label,
    "classes": ClassStyle,
    "legend": LegendLine,
}
# Every kind of error that these models can meet in TOML.
_WANTED = {
    "int_parsing": "整数",
    "int_parsing_size": "小一些的整数",
    "int_type": "整数",
    "int_from_float": "整数",
    "float_parsing": "数字",
    "float_type": "数字",
    "finite_number": "有限的数字",
    "greater_than_equal": "不小于 {ge:g} 的数字",
    "less_than_equal": "不大于 {le:g} 的数字",
    "bool_parsing": "true 或 false",
    "bool_type": "true 或 false",
    "string_type": "文字",
    "string_too_short": "不为空的文字",
    "tuple_type": "若干个表，写作 [[classes]]、[[legend]]",
    "model_type": "一个表，其下写 键 = 值",
}


def _misfits(path: Path, layer: Layer, known: set[str]) -> Iterator[Problem]:
    if layer.dataset not in known:
        wanted = f"已有的数据集：{'、'.join(sorted(known))}"
        yield _problem(path, "dataset", layer.dataset, wanted, "layer_missing_dataset")
    style = layer.style
    symbols = _SYMBOLS.get(layer.dataset, _OUTLINE_SYMBOLS)
    if layer.dataset in known and style.symbol not in symbols:
        wanted = f"绘 {layer.dataset} 可用的符号：{'、'.join(symbols)}"
        yield _problem(path, "style.symbol", style.symbol, wanted, "layer_symbol_misfit")
    for key in _NEEDED_COLOURS.get(style.symbol, ()):
        if getattr(style, key) is None:
            wanted = f"补上该键：符号 {style.symbol} 要用的颜色 #RRGGBB"
            yield _problem(path, f"style.{key}", None, wanted, "layer_missing_key")
    yield from _class_misfits(path, layer)


# Only these symbols know what to do with parcels and projects; the others draw outlines.
_SYMBOLS = {LEDGER_DATASET: ("status",), PROJECTS_DATASET: ("circle",)}
_OUTLINE_SYMBOLS = ("area", "hatch", "line")
_NEEDED_COLOURS = {"area": ("fill",), "hatch": ("fill", "hatch")}


def _class_misfits(path: Path, layer: Layer) -> Iterator[Problem]:
    word, kind, values = _CLASSES.get(layer.style.symbol, ("class", "类", ()))
    named = Counter(style.value for style in layer.classes)
    for value in values:
        if value not in named:
            yield _problem(path, "classes", None, f"补上{kind} {value}", f"layer_missing_{word}")
    for value, times in sorted(named.items()):
        if value not in values:
            one_of = f"{kind}之一：{'、'.join(values)}"
            wanted = one_of if values else f"去掉：符号 {layer.style.symbol} 不分类"
            yield _problem(path, "classes", value, wanted, f"layer_unknown_{word}")
        elif times > 1:
            yield _problem(path, "classes", value, f"每个{kind}只写一次", "layer_class_twice")
    for number, style in enumerate(layer.classes):
        if layer.style.symbol == "circle" and style.label is None:
            field = f"classes.{number}.label"
            yield _problem(path, field, None, "补上该键：图例里的名称", "layer_missing_key")


# A status layer paints every status, a circle layer every project group.
_CLASSES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "status": ("status", "状态", tuple(status.value for status in STATUSES)),
    "circle": ("group", "项目类别", GROUPS),
}


def _no_ledger(root: Path) -> Problem:
    wanted = f"一个 dataset = {LEDGER_DATASET}、symbol = status 的图层，绘出地块台账"
    return _problem(root, "dataset", None, wanted, "layer_missing_ledger")


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
