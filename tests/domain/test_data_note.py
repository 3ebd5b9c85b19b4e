"""Data notes are found by what they concern."""

from dongtou_geo.domain.data_note import DataNote, NoteKind, notes_for


def note(number: int, *bound_to: str) -> DataNote:
    return DataNote(f"DQ-{number}", NoteKind.UNIT, "单位", "15.6平方米", "疑为万", bound_to, "附表")


def test_a_note_is_found_under_everything_it_is_bound_to_in_the_given_order() -> None:
    both, one, other = note(2, "project:15", "park:a"), note(1, "project:15"), note(3, "park:a")
    assert notes_for([both, one, other], "project:15") == [both, one]
    assert notes_for([both, one, other], "park:a") == [both, other]


def test_a_key_is_matched_whole() -> None:
    assert notes_for([note(1, "project:15")], "project:1") == []
    assert notes_for([note(1, "project:1")], "project:15") == []


def test_every_kind_has_a_chinese_label_of_its_own() -> None:
    labels = {kind.label for kind in NoteKind}
    assert len(labels) == len(NoteKind)
    assert all(not label.isascii() for label in labels)
