"""数据质量注记: what is wrong or unclear in the plan's own figures, kept beside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class NoteKind(StrEnum):
    """What sort of trouble a note names."""

    SCOPE = "scope"
    ARITHMETIC = "arithmetic"
    ROUNDING = "rounding"
    UNIT = "unit"
    WORDING = "wording"
    NAMING = "naming"
    SLIP = "slip"
    OUTLIER = "outlier"
    MISSING = "missing"
    UNCLEAR = "unclear"
    OUTSIDE = "outside"

    @property
    def label(self) -> str:
        """Return the Chinese words shown to users."""
        return {
            "scope": "口径不同",
            "arithmetic": "计算不符",
            "rounding": "尾数舍入",
            "unit": "单位存疑",
            "wording": "表述不一",
            "naming": "名称不一",
            "slip": "疑似笔误",
            "outlier": "数值异常",
            "missing": "数据缺项",
            "unclear": "规则不明",
            "outside": "与外部资料不符",
        }[self.value]


@dataclass(frozen=True, slots=True)
class DataNote:
    """One note on the plan's figures; it says what is wrong and changes nothing.

    Parameters
    ----------
    id : str
        DQ-01 and on.
    kind : NoteKind
        The sort of trouble.
    title : str
        A few words for a list.
    figures : str
        The figures in question, as printed.
    note : str
        What is wrong with them, or what is guessed.
    bound_to : tuple of str
        Keys of what it concerns: ``project:15``, ``park:park_nantang``, ``zone:…``, ``recl:…``,
        ``group:invite``, ``indicator:T3.4``, ``chapter:第三章三（一）``.
    source_ref : str
        Where the plan prints the figures.
    """

    id: str
    kind: NoteKind
    title: str
    figures: str
    note: str
    bound_to: tuple[str, ...]
    source_ref: str


def notes_for(notes: Iterable[DataNote], key: str) -> list[DataNote]:
    """Pick the notes that concern one thing.

    Parameters
    ----------
    notes : iterable of DataNote
        All notes.
    key : str
        As in ``DataNote.bound_to``.

    Returns
    -------
    list of DataNote
        In the given order.
    """
    return [note for note in notes if key in note.bound_to]
