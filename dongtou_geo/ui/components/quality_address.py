"""What the address of 数据质量 says: part, place, and the filters of each part."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from dongtou_geo.domain.data_note import NoteKind
from dongtou_geo.services.quality import BOUND, LONGEST_TEXT, OUTSIDE, NoteFilter, Part
from dongtou_geo.services.quality_ledger import ISSUES
from dongtou_geo.services.quality_outlines import CONFIDENCES, KINDS, STANDINGS, OutlineFilter
from dongtou_geo.ui.state import clipped

PARTS: dict[Part, str] = {
    "plan": "规划矛盾",
    "outlines": "示意",
    "recorded": "填报",
    "ledger": "台账问题",
}
# In these parts land may also lie outside all parks.
OF_LEDGER: tuple[Part, ...] = ("recorded", "ledger")
FIRST_ISSUE = "area"
_NOTE_KINDS = tuple(kind.value for kind in NoteKind)


@dataclass(frozen=True, slots=True)
class QualityAddress:
    """One view of the page.

    Parameters
    ----------
    part : {"plan", "outlines", "recorded", "ledger"}
        Which of the four.
    place : str
        A zone, a park, ``outside`` or "" = everywhere.
    notes : NoteFilter
        Which notes.
    outlines : OutlineFilter
        Which outlines.
    issue : str
        Which findings of the ledger.
    text : str
        Part of a parcel's number.
    page : int
        Of the findings, from 1.
    compared : bool
        All parcels with two areas, not only those beyond tolerance.
    run : bool
        Examine the outlines even where there are very many.
    remarks : tuple of str
        What could not be used.
    """

    part: Part = "plan"
    place: str = ""
    notes: NoteFilter = field(default_factory=NoteFilter)
    outlines: OutlineFilter = field(default_factory=OutlineFilter)
    issue: str = FIRST_ISSUE
    text: str = ""
    page: int = 1
    compared: bool = False
    run: bool = False
    remarks: tuple[str, ...] = ()

    def at(self, word: str) -> QualityAddress:
        """Return the view to which a clicked word leads; what is on already is turned off.

        Parameters
        ----------
        word : str
            ``part:…``, ``kind:…``, ``bound:…``, ``about:…``, ``what:…``, ``confidence:…``,
            ``standing:…``, ``issue:…``, ``page:…``, ``compared:…`` or ``run:``.
        """
        what, _, value = word.partition(":")
        if what == "part" and value in PARTS:
            return self.to_part(value)
        if what in ("kind", "bound", "about"):
            own = getattr(self.notes, what)
            return replace(self, notes=replace(self.notes, **{what: "" if own == value else value}))
        if what in ("what", "confidence", "standing"):
            name = "kind" if what == "what" else what
            own = getattr(self.outlines, name)
            chosen = replace(self.outlines, **{name: "" if own == value else value})
            return replace(self, outlines=chosen)
        return self._in_ledger(what, value)

    def _in_ledger(self, what: str, value: str) -> QualityAddress:
        if what == "issue" and value in ISSUES:
            return replace(self, issue=value, page=1, compared=False)
        if what == "page" and value.isascii() and value.isdigit():
            return replace(self, page=max(int(value), 1))
        if what == "compared":
            return replace(self, compared=value == "all", page=1)
        return replace(self, run=True) if what == "run" else self

    def to_part(self, part: Part) -> QualityAddress:
        """Return another part of the same place."""
        place = "" if self.place == OUTSIDE and part not in OF_LEDGER else self.place
        return QualityAddress(part=part, run=self.run).in_place(place)

    def in_place(self, place: str) -> QualityAddress:
        """Return the same part of another place."""
        return replace(
            self,
            place=place,
            page=1,
            notes=replace(self.notes, place=place),
            outlines=replace(self.outlines, place=place),
        )


def read_quality_address(
    params: Mapping[str, str], places: Collection[str], things: Collection[str]
) -> QualityAddress:
    """Read the view from an address.

    Parameters
    ----------
    params : mapping of str to str
        ``part, place, kind, bound, about, what, confidence, standing, issue, q, page, areas, run``;
        anything else is ignored.
    places : collection of str
        Zones and parks that there are.
    things : collection of str
        What ``about`` may name.
    """
    remarks: list[str] = []

    def one_of(key: str, known: Collection[str], what: str, instead: str = "已略去") -> str:
        word = params.get(key) or ""
        if not word or word in known:
            return word
        remarks.append(f"地址中的{what}“{clipped(word)}”不存在，{instead}")
        return ""

    part = cast("Part", one_of("part", PARTS, "部分", "已显示规划矛盾") or "plan")
    inside = [*places, OUTSIDE] if part in OF_LEDGER else places
    text = (params.get("q") or "").strip()
    if len(text) > LONGEST_TEXT:
        remarks.append(f"搜索文字超过 {LONGEST_TEXT} 个字，已只用“{clipped(text[:LONGEST_TEXT])}”")
        text = text[:LONGEST_TEXT]
    found = QualityAddress(
        part=part,
        notes=NoteFilter(
            kind=one_of("kind", _NOTE_KINDS, "类别"),
            bound=one_of("bound", BOUND, "涉及对象"),
            about=one_of("about", things, "对象"),
            text=text if part == "plan" else "",
        ),
        outlines=OutlineFilter(
            kind=one_of("what", KINDS, "类别"),
            confidence=one_of("confidence", CONFIDENCES, "可信度"),
            standing=one_of("standing", STANDINGS, "上图方式"),
        ),
        issue=one_of("issue", ISSUES, "问题") or FIRST_ISSUE,
        text=text if part == "ledger" else "",
        compared=params.get("areas") == "all",
        run=params.get("run") == "1",
    ).in_place(one_of("place", inside, "位置", "已显示全区"))
    return replace(found, page=_page(params.get("page"), remarks), remarks=tuple(remarks))


def quality_params(address: QualityAddress) -> dict[str, str]:
    """Write the view as address parameters; what is default is left out.

    Parameters
    ----------
    address : QualityAddress
        The view.
    """
    of_ledger = address.part == "ledger"
    params = {
        "part": address.part if address.part != "plan" else "",
        "place": address.place,
        "run": "1" if address.run else "",
    }
    if address.part == "plan":
        notes = address.notes
        params |= {"kind": notes.kind, "bound": notes.bound, "about": notes.about, "q": notes.text}
    elif address.part == "outlines":
        shown = address.outlines
        params |= {
            "what": shown.kind, "confidence": shown.confidence, "standing": shown.standing,
        }  # fmt: skip
    elif of_ledger:
        params |= {
            "issue": address.issue if address.issue != FIRST_ISSUE else "",
            "q": address.text,
            "page": str(address.page) if address.page > 1 else "",
            "areas": "all" if address.compared else "",
        }
    return {key: value for key, value in params.items() if value}


def _page(word: str | None, remarks: list[str]) -> int:
    if not word:
        return 1
    if word.isascii() and word.isdigit() and len(word) < 8 and int(word) > 0:
        return int(word)
    remarks.append(f"地址中的页码“{clipped(word)}”无法识别（应为正整数），已显示第 1 页")
    return 1
