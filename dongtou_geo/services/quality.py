"""规划矛盾: the notes on the plan's own figures, found by kind, thing and word; and its very words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, urlencode

from dongtou_geo.domain.data_note import DataNote, NoteKind, notes_for
from dongtou_geo.domain.places import Park, Project, Reclamation, Zone
from dongtou_geo.services.dossier import PROJECT_PREFIX, Atlas
from dongtou_geo.services.park_industries import park_industries

Part = Literal["plan", "outlines", "recorded", "ledger"]
BOUND: dict[str, str] = {
    "park": "园区", "zone": "片区", "recl": "围垦区", "project": "重大项目",
    "group": "项目分组", "indicator": "规划指标", "chapter": "章节",
}  # fmt: skip
PLACED = ("park", "zone", "recl", "project")
OUTSIDE = "outside"
LONGEST_TEXT = 100


@dataclass(frozen=True, slots=True)
class NoteFilter:
    """Which notes; an empty field asks for all.

    Parameters
    ----------
    kind : str
        A ``NoteKind``.
    bound : str
        What they concern, a key of ``BOUND``.
    place : str
        A zone or park: notes on it and on whatever of the plan lies in it.
    about : str
        One thing, as in ``DataNote.bound_to``: ``park:park_nantang``, ``project:15``.
    text : str
        A word in title, figures, note, source or number.
    """

    kind: str = ""
    bound: str = ""
    place: str = ""
    about: str = ""
    text: str = ""

    @property
    def detail(self) -> str:
        """Return the filter as the detail of a figure."""
        named = {name: getattr(self, name) for name in self.__slots__}
        return urlencode({name: value for name, value in named.items() if value})


@dataclass(frozen=True, slots=True)
class Bound:
    """One thing that a note concerns.

    Parameters
    ----------
    key : str
        As in ``DataNote.bound_to``.
    name : str
        Its name for a reader.
    page : str
        The page that shows it, without the prefix; "" = none does.
    query : dict of str to str
        What the page's address says.
    """

    key: str
    name: str
    page: str
    query: dict[str, str]


@dataclass(frozen=True, slots=True)
class Saying:
    """What the plan says of a thing.

    Parameters
    ----------
    what : str
        About which side of it.
    words : str
        The words.
    source_ref : str
        The chapter.
    quoted : bool
        The plan's own words or figures; False = our summary of them.
    remark : str
        How it is used here.
    """

    what: str
    words: str
    source_ref: str
    quoted: bool = True
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Verbatim:
    """One thing: what the plan says of it, and where it contradicts itself."""

    bound: Bound
    sayings: tuple[Saying, ...]
    notes: tuple[DataNote, ...]


def parse_note_filter(detail: str) -> NoteFilter:
    """Read a filter from the detail of a figure; anybody may have typed it.

    Parameters
    ----------
    detail : str
        As ``NoteFilter.detail`` writes it.
    """
    told = dict(parse_qsl(detail))
    return NoteFilter(**{name: told.get(name, "")[:LONGEST_TEXT] for name in NoteFilter.__slots__})


def found_notes(atlas: Atlas, wanted: NoteFilter) -> list[DataNote]:
    """Return the notes that a filter finds, in their order.

    Parameters
    ----------
    atlas : Atlas
        The plan.
    wanted : NoteFilter
        Which.
    """
    keys = keys_of_place(atlas, wanted.place) if wanted.place else None
    return [note for note in atlas.notes if _wanted(note, wanted, keys)]


def _wanted(note: DataNote, wanted: NoteFilter, keys: set[str] | None) -> bool:
    if wanted.kind and note.kind.value != wanted.kind:
        return False
    if wanted.bound and not any(key.startswith(f"{wanted.bound}:") for key in note.bound_to):
        return False
    if keys is not None and keys.isdisjoint(note.bound_to):
        return False
    if wanted.about and wanted.about not in note.bound_to:
        return False
    read = " ".join((note.id, note.title, note.figures, note.note, note.source_ref)).casefold()
    return all(word in read for word in wanted.text.casefold().split())


def keys_of_place(atlas: Atlas, place: str) -> set[str]:
    """Return the keys of a zone or park and of whatever of the plan lies in it.

    Parameters
    ----------
    atlas : Atlas
        The plan.
    place : str
        Id of a zone or a park.
    """
    parks = [park for park in atlas.book.parks if place in (park.id, park.zone_id)]
    inside = {place}
    # A parent stands before its parts.
    for area in atlas.reclamation:
        if area.parent_id in inside:
            inside.add(area.id)
    areas = [area for area in atlas.reclamation if area.id in inside]
    projects = [own for own in atlas.projects if place in (own.park_id, own.zone_id)]
    keys = [f"zone:{place}", *(f"park:{park.id}" for park in parks)]
    keys += [f"recl:{area.id}" for area in areas] + [f"project:{own.no}" for own in projects]
    return set(keys)


def counts(notes: Iterable[DataNote]) -> tuple[dict[NoteKind, int], dict[str, int]]:
    """Count notes by kind and by what they concern; a note may concern several things.

    Parameters
    ----------
    notes : iterable of DataNote
        The notes.
    """
    some = list(notes)
    by_kind = {kind: sum(note.kind is kind for note in some) for kind in NoteKind}
    by_bound = {
        bound: sum(any(key.startswith(f"{bound}:") for key in note.bound_to) for note in some)
        for bound in BOUND
    }
    return by_kind, by_bound


def bound_things(atlas: Atlas, note: DataNote) -> list[Bound]:
    """Return what a note concerns, each with the page that shows it.

    Parameters
    ----------
    atlas : Atlas
        The plan.
    note : DataNote
        The note.
    """
    return [_bound(atlas, key) for key in note.bound_to]


def _bound(atlas: Atlas, key: str) -> Bound:
    kind, _, value = key.partition(":")
    if kind in ("park", "zone", "recl"):
        return Bound(key, atlas.place_names.get(value, value), "", {"sel": value})
    if kind == "project":
        name = next((own.name for own in atlas.projects if str(own.no) == value), "")
        return Bound(key, f"{value} {name}".strip(), "projects", {"project": value})
    if kind == "group":
        name = f"表4 {atlas.groups.get(value, value)}"
        query = {} if value == "total" else {"group": value}
        return Bound(key, name, "projects", query)
    if kind == "indicator":
        return Bound(key, _indicator(value), "", {})
    return Bound(key, value, "", {})


def _indicator(value: str) -> str:
    table, _, line = value.partition(".")
    told = f"表{table.removeprefix('T')}"
    if not line.isdigit():
        return f"{told}增减" if line == "change" else f"{told}{line}"
    return f"{told} {line}年" if len(line) == 4 else f"{told}第{line}行"


def things_with_notes(atlas: Atlas) -> list[tuple[Bound, int]]:
    """Return every place and project of the plan with how many notes concern it.

    Parameters
    ----------
    atlas : Atlas
        The plan.
    """
    keys = [
        *(f"zone:{zone.id}" for zone in atlas.book.zones),
        *(f"park:{park.id}" for park in atlas.book.parks),
        *(f"recl:{area.id}" for area in atlas.reclamation),
        *(f"project:{project.no}" for project in atlas.projects),
    ]
    return [(_bound(atlas, key), len(notes_for(atlas.notes, key))) for key in keys]


def verbatim(atlas: Atlas, about: str) -> Verbatim | None:
    """Gather what the plan says of one thing, and the notes on it.

    Parameters
    ----------
    atlas : Atlas
        The plan.
    about : str
        ``zone:…``, ``park:…``, ``recl:…`` or ``project:…``.

    Returns
    -------
    Verbatim or None
        None where there is no such thing.
    """
    kind, _, value = about.partition(":")
    sayings: tuple[Saying, ...] | None = None
    if kind == "project":
        project = next((own for own in atlas.projects if str(own.no) == value), None)
        sayings = _of_project(project) if project else None
    elif kind == "park":
        park = next((own for own in atlas.book.parks if own.id == value), None)
        sayings = _of_park(atlas, park) if park else None
    elif kind == "zone":
        zone = next((own for own in atlas.book.zones if own.id == value), None)
        sayings = _of_zone(atlas, zone) if zone else None
    elif kind == "recl":
        area = next((own for own in atlas.reclamation if own.id == value), None)
        sayings = _of_area(area) if area else None
    if sayings is None:
        return None
    return Verbatim(_bound(atlas, about), sayings, tuple(notes_for(atlas.notes, about)))


def _of_park(atlas: Atlas, park: Park) -> tuple[Saying, ...]:
    target = atlas.book.targets.get(park.id)
    phrases = target.phrases if target else ()
    said = [
        Saying(
            f"投产目标（{phrase.due}）", phrase.phrase, phrase.chapter,
            remark=("以此计分" if phrase.scored and phrase.rate is not None else "不计分，并列显示")
            + ("" if phrase.own else "；原文对象为所在的一期，不是本园区"),
        )
        for phrase in phrases
    ]  # fmt: skip
    if not any(phrase.own for phrase in phrases):
        said.append(Saying("投产目标", "未单列", park.source_ref, quoted=False))
    return (
        *said,
        Saying("面积", f"{park.plan_area_value:,.10g} {park.plan_area_unit}", park.source_ref, remark="原文称“约”"),
        Saying("发展方向", park.plan_role, park.source_ref, quoted=False),
        *(
            Saying(f"产业（{own.where}）", "、".join(own.words), own.source_ref, quoted=False)
            for own in park_industries(atlas, park)
            if own.placed
        ),
    )  # fmt: skip


def _of_zone(atlas: Atlas, zone: Zone) -> tuple[Saying, ...]:
    parks = [park for park in atlas.book.parks if park.zone_id == zone.id]
    said = [
        Saying(f"{park.name}的投产目标", phrase.phrase, phrase.chapter)
        for park in parks
        for phrase in (atlas.book.targets[park.id].phrases if park.id in atlas.book.targets else ())
    ]
    none = Saying("面积与界线", "规划未给", zone.source_ref, quoted=False)
    return (Saying("名称", zone.name, zone.source_ref), none, *said)


def _of_area(area: Reclamation) -> tuple[Saying, ...]:
    if area.plan_area_value is None:
        size = Saying("面积", "规划未给", area.source_ref, quoted=False)
    else:
        words = f"{area.plan_area_value:,.10g} {area.plan_area_unit}"
        size = Saying("面积", words, area.source_ref)
    return (Saying("名称", area.name, area.source_ref), size)


def _of_project(project: Project) -> tuple[Saying, ...]:
    source = f"附表第{project.no}项"
    total = project.total_investment_wan
    printed: Sequence[tuple[str, str | None]] = (
        ("项目名称", project.name),
        ("建设期限", f"{project.start_year}–{project.end_year}"),
        ("总投资", "待定" if total is None else f"{total:,.10g} 万元"),
        ("十三五投资", f"{project.plan_investment_wan:,.10g} 万元"),
        ("用地", project.land_area_text),
        ("建筑面积", project.floor_area_text),
    )
    return tuple(
        Saying(what, words, source) if words else Saying(what, "未写", source, quoted=False)
        for what, words in printed
    )


def map_id(about: str) -> str:
    """Return the id by which the map knows a thing.

    Parameters
    ----------
    about : str
        As for ``verbatim``.
    """
    kind, _, value = about.partition(":")
    return f"{PROJECT_PREFIX}{value}" if kind == "project" else value
