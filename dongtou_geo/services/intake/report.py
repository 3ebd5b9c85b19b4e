"""What an intake says of itself: the document of the contract, and a few sentences."""

from __future__ import annotations

from collections import Counter

from dongtou_geo.domain.problem import Severity
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.formats.arrived import ChoiceNeededError
from dongtou_geo.services.intake.examine import Examined


def document(examined: Examined, import_id: str | None, *, applied: bool) -> dict[str, object]:
    """Return the document that ``ledger import --json`` prints.

    Parameters
    ----------
    examined : Examined
        The file.
    import_id : str or None
        The import; None = nothing was written.
    applied : bool
        Whether it was written.
    """
    return {
        "import_id": import_id,
        "file": examined.file,
        "sha256": examined.sha256,
        "layer": examined.arrived.layer,
        "crs": examined.placed.crs,
        "crs_reason": examined.placed.reason,
        "encoding": examined.arrived.encoding,
        "rows": len(examined.arrived.cells),
        "accepted": examined.accepted,
        "rejected": int(examined.rejected.sum()),
        "problems": [problem.as_dict() for problem in examined.problems],
        "changes": examined.counts(),
        "applied": applied,
    }


def refused_document(file: str, sha256: str | None, error: Exception) -> dict[str, object]:
    """Return the document of a file that could not be examined.

    Parameters
    ----------
    file : str
        Its name.
    sha256 : str or None
        Its fingerprint, where it could be read.
    error : Exception
        Why; a choice names its options.
    """
    choice = isinstance(error, ChoiceNeededError)
    problem: dict[str, object] = {
        "row": None,
        "cell": None,
        "parcel_no": None,
        "code": "needs_choice" if choice else "unreadable",
        "severity": Severity.ERROR.value,
        "message": str(error),
    }
    if isinstance(error, ChoiceNeededError):
        problem |= {"flag": error.flag, "options": list(error.options)}
    empty = dict.fromkeys(("new", "geometry", "attributes", "unchanged", "missing"), 0)
    return {
        "import_id": None, "file": file, "sha256": sha256, "layer": None, "crs": None,
        "crs_reason": None, "encoding": None, "rows": 0, "accepted": 0, "rejected": 0,
        "problems": [problem], "changes": empty, "applied": False,
    }  # fmt: skip


def sentences(examined: Examined) -> list[str]:
    """Return what was understood and what would change, one line each.

    Parameters
    ----------
    examined : Examined
        The file.
    """
    arrived, placed, counts = examined.arrived, examined.placed, examined.counts()
    weights = Counter(problem.severity for problem in examined.problems)
    lines = [
        f"文件 {examined.file}，图层 {arrived.layer}，{len(arrived.cells)} 行",
        f"编码 {arrived.encoding}（{arrived.encoding_reason}）" if arrived.encoding else "",
        f"坐标 {placed.crs}：{placed.reason}" if placed.crs else "没有图形",
        "字段 " + "、".join(f"{m.column}→{name}" for name, m in examined.mapping.fields.items()),
        "未使用的列 " + "、".join(examined.mapping.unused) if examined.mapping.unused else "",
        f"可入库 {examined.accepted} 行，拒绝 {int(examined.rejected.sum())} 行；"
        + "，".join(f"{s.label} {weights[s]} 条" for s in Severity),
        f"新增 {counts['new']} 宗，图形变化 {counts['geometry']} 宗，属性变化 {counts['attributes']} 宗，"
        f"不变 {counts['unchanged']} 宗，台账有而文件没有 {counts['missing']} 宗（不会注销）",
        f"其中重叠 {m2_to_mu(placed.overlap_m2):.1f} 亩" if placed.overlap_m2 > 0 else "",
    ]
    return [line for line in lines if line]
