"""The sidecar of a dataset or table: who made it, under what licence, and how to know it by."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from dongtou_geo.catalog.datasets import shown_path
from dongtou_geo.domain.problem import Problem
from dongtou_geo.errors import DatasetError
from dongtou_geo.frames.finding import finding

Text = Annotated[str, StringConstraints(min_length=1)]
GeometryType = Literal["Point", "Polygon", "MultiPolygon"]


class TableSidecar(BaseModel):
    """What stands beside a CSV file. Descriptions say in Chinese what would be right."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    title: Text = Field(description="非空文字：标题")
    producer: Text = Field(description="非空文字：制作者")
    source_ref: Text = Field(description="非空文字：规划章节或资料出处")
    licence: Text = Field(description="非空文字：SPDX 许可证号")
    credits: list[Text] = Field(description="文字列表：须一并注明的来源")
    sha256: str = Field(pattern="^[0-9a-f]{64}$", description="64 位小写十六进制")
    rows: int = Field(ge=0, description="不小于 0 的整数")
    note: str = Field(description="文字，可为空")


class DatasetSidecar(TableSidecar):
    """What stands beside a GeoJSON file.

    Parameters
    ----------
    geometry : list of str
        Geometry types that may occur.
    crs : str
        EPSG:4490; the file itself carries none (RFC 7946).
    fidelity : str
        How true the outlines are.
    """

    geometry: list[GeometryType] = Field(
        min_length=1, description="Point、Polygon、MultiPolygon 的列表"
    )
    crs: Literal["EPSG:4490"] = Field(description="EPSG:4490")
    fidelity: Literal["surveyed", "digitised", "indicative"] = Field(
        description="surveyed、digitised、indicative 之一"
    )


def read_sidecar(path: Path) -> dict[str, Any]:
    """Read a sidecar as plain TOML values.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    dict
        Unchecked; see ``sidecar_problems``.

    Raises
    ------
    DatasetError
        If the file is missing or no TOML.
    """
    name = shown_path(path)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        msg = f"{name}：文件不存在，应与数据文件同名同处"
        raise DatasetError(msg) from error
    except (OSError, ValueError) as error:
        msg = f"{name}：读不出（{error}），应为 UTF-8 的 TOML"
        raise DatasetError(msg) from error


def sidecar_problems(
    content: dict[str, Any], model: type[TableSidecar], file: str
) -> list[Problem]:
    """Find every key of a sidecar that does not fit.

    Parameters
    ----------
    content : dict
        As ``read_sidecar`` returns it.
    model : type
        ``DatasetSidecar`` or ``TableSidecar``.
    file : str
        Name for the findings.

    Returns
    -------
    list of Problem
        Empty when the sidecar fits.
    """
    try:
        model.model_validate(content)
    except ValidationError as error:
        return [
            _problem(str(detail["loc"][0]), detail["type"], content, model, file)
            for detail in error.errors()
        ]
    return []


def _problem(
    key: str, kind: str, content: dict[str, Any], model: type[TableSidecar], file: str
) -> Problem:
    if kind == "extra_forbidden":
        code, wrong, expected = "unknown_key", "是多余的键", f"只含{'、'.join(model.model_fields)}"
    elif kind == "missing":
        code, wrong = "missing_key", "缺少该键"
        expected = str(model.model_fields[key].description)
    else:
        code, wrong = "bad_value", "不合适"
        expected = str(model.model_fields[key].description)
    value = content.get(key)
    return finding(file, code, wrong, expected=expected, feature=key, value=value)
