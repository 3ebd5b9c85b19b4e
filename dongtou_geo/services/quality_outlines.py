"""示意: how true every outline and point of the plan is, what is not on the map, and whose it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from dongtou_geo import settings
from dongtou_geo.catalog.datasets import DATASETS, dataset_path, sidecar_path
from dongtou_geo.catalog.features import FeatureRecord, read_records
from dongtou_geo.catalog.sidecar import DatasetSidecar, read_sidecar
from dongtou_geo.domain.places import LocationBasis
from dongtou_geo.services.dossier import Atlas
from dongtou_geo.services.quality import keys_of_place

KINDS: dict[str, str] = {"zone": "片区", "park": "园区", "recl": "围垦区", "project": "重大项目"}
CONFIDENCES: dict[str, str] = {"high": "高", "medium": "中", "low": "低"}
FIDELITIES: dict[str, str] = {"surveyed": "实测", "digitised": "矢量化", "indicative": "示意"}
STANDINGS: dict[str, str] = {
    "map": "按推定位置", "beside": "排在注记旁", "label": "立在片区注记点", "off": "不在图上",
}  # fmt: skip
# What the map leaves out on purpose, and why.
LEFT_OUT: tuple[tuple[str, str], ...] = (
    ("行政区划界线", "公开地图须用官方画法，未取得官方界线前不画"),
    ("规划图1–图3", "规划文本的插图是图片，没有坐标，不能作边界"),
    ("园区红线、控规用地", "未取得；现有园区轮廓只是示意，不能代替"),
    ("敏感设施的准确位置", "LNG、油库、输变电、供排水等只立在片区注记点"),
)
_DATASETS = {"zone": "zones", "park": "parks", "recl": "reclamation", "project": "projects"}
_ERRORS = {
    "high": "依围堤等可辨轮廓，局部可能偏差约百米",
    "medium": "可能偏差数百米至一公里",
    "low": "可能偏差数公里",
}
_POINT_ERRORS = {
    LocationBasis.NAMED_PARK: "在园区内，具体地块不详；园区轮廓本身为示意",
    LocationBasis.PHASE1_STAR: "只知在瓯江口一期内，可能偏差数公里",
    LocationBasis.NAMED_ISLAND: "岛上位置任意，可能偏差数公里",
    LocationBasis.NAMED_SUBDISTRICT: "街道内位置任意，可能偏差数公里",
    LocationBasis.NOT_STATED: "不是位置：规划未写地点，排在片区注记旁",
}


@dataclass(frozen=True, slots=True)
class OutlineRow:
    """One outline or point of the plan.

    Parameters
    ----------
    key : str
        ``park:park_nantang``, ``project:15``.
    kind, fidelity, confidence, standing : str
        Keys of ``KINDS``, ``FIDELITIES``, ``CONFIDENCES`` and ``STANDINGS``.
    basis : str
        What its place rests on, for a project; "" for an outline.
    method : str
        How it was drawn, or why it stands where it does.
    error : str
        How far off it may be, in words.
    at : (lon, lat) or None
        Where a project's point stands, EPSG:4490.
    """

    key: str
    kind: str
    name: str
    fidelity: str
    confidence: str
    basis: str
    method: str
    error: str
    standing: str
    sensitive: bool
    source_ref: str
    at: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class OutlineFilter:
    """Which of them; an empty field asks for all."""

    kind: str = ""
    confidence: str = ""
    standing: str = ""
    place: str = ""

    @property
    def detail(self) -> str:
        """Return the filter as the detail of a figure."""
        named = {name: getattr(self, name) for name in self.__slots__}
        return urlencode({name: value for name, value in named.items() if value})


def outline_rows(atlas: Atlas, *, root: Path = settings.GEODATA) -> list[OutlineRow]:
    """Return every outline and point of the plan: zones, parks, reclamation, projects.

    Parameters
    ----------
    atlas : Atlas
        The plan.
    root : Path
        The geodata folder.

    Raises
    ------
    DatasetError
        If a dataset cannot be read.
    """
    rows: list[OutlineRow] = []
    labels: set[tuple[float, float]] = set()
    for kind, dataset in _DATASETS.items():
        path = dataset_path(root, dataset)
        told = read_sidecar(sidecar_path(path))
        for record in read_records(path):
            label = record.properties.get("label_point")
            if kind == "zone" and label:
                labels.add((label[0], label[1]))
            if kind == "project":
                rows.append(_point(record, str(told.get("fidelity")), labels))
            else:
                rows.append(_outline(kind, record))
    return rows


def _outline(kind: str, record: FeatureRecord) -> OutlineRow:
    confidence = record.text("confidence")
    return OutlineRow(
        f"{kind}:{record.text('id')}", kind, record.text("name"), record.text("fidelity"),
        confidence, "", record.text("method"), _ERRORS.get(confidence, ""), "map", sensitive=False,
        source_ref=record.text("source_ref"),
    )  # fmt: skip


def _point(record: FeatureRecord, fidelity: str, labels: set[tuple[float, float]]) -> OutlineRow:
    basis, sensitive = LocationBasis(record.text("location_basis")), record.flag("sensitive")
    number = record.integer("no")
    at = _at(record.geometry)
    if at is None:
        standing, error = "off", "不在图上"
    elif at in labels:
        standing, error = "label", "不是位置：涉敏感设施，只立在片区注记点"
    else:
        standing = "beside" if basis is LocationBasis.NOT_STATED else "map"
        error = _POINT_ERRORS.get(basis, _ERRORS["low"])
    return OutlineRow(
        f"project:{number}", "project", f"{number} {record.text('name')}", fidelity,
        record.text("location_confidence"), basis.label, record.text_or_none("note") or "",
        error, standing, sensitive, f"附表第{number}项", at,
    )  # fmt: skip


def _at(geometry: Mapping[str, Any] | None) -> tuple[float, float] | None:
    if geometry is None:
        return None
    lon, lat = geometry["coordinates"][:2]
    return float(lon), float(lat)


def found_outlines(atlas: Atlas, rows: list[OutlineRow], wanted: OutlineFilter) -> list[OutlineRow]:
    """Return those that a filter finds.

    Parameters
    ----------
    atlas : Atlas
        The plan.
    rows : list of OutlineRow
        All of them.
    wanted : OutlineFilter
        Which.
    """
    keys = keys_of_place(atlas, wanted.place) if wanted.place else None
    return [
        row
        for row in rows
        if (not wanted.kind or row.kind == wanted.kind)
        and (not wanted.confidence or row.confidence == wanted.confidence)
        and (not wanted.standing or row.standing == wanted.standing)
        and (keys is None or row.key in keys)
    ]


def dataset_papers(*, root: Path = settings.GEODATA) -> list[DatasetSidecar]:
    """Return whose each dataset is, under what licence, and how true it is.

    Parameters
    ----------
    root : Path
        The geodata folder.

    Raises
    ------
    DatasetError
        If a sidecar cannot be read.
    """
    return [
        DatasetSidecar.model_validate(read_sidecar(sidecar_path(dataset_path(root, dataset))))
        for dataset in DATASETS
    ]


def parse_outline_filter(detail: str) -> OutlineFilter:
    """Read a filter from the detail of a figure; anybody may have typed it.

    Parameters
    ----------
    detail : str
        As ``OutlineFilter.detail`` writes it.
    """
    told = dict(parse_qsl(detail))
    return OutlineFilter(**{name: told.get(name, "") for name in OutlineFilter.__slots__})
