"""What the plan asks of a park, gathered from its phrases."""

from dataclasses import replace
from datetime import date

from dongtou_geo.domain.target import Target, by_park

DUE = date(2020, 12, 31)
NANTANG_90 = Target("135", "park_nantang", "90%以上", "第五章", 0.9, DUE, scored=True, own=True)
NANTANG_ALL = replace(NANTANG_90, phrase="全部", chapter="第三章", rate=1.0, scored=False)
STARTUP = Target("135", "park_startup", "基本实现全部", "第五章", None, DUE, scored=True, own=True)
RAIL = Target("135", "park_rail", "基本实现全部", "第三章", None, DUE, scored=False, own=False)


def test_the_scored_phrase_gives_rate_and_due_and_stands_first() -> None:
    for rows in ([NANTANG_90, NANTANG_ALL], [NANTANG_ALL, NANTANG_90]):
        target = by_park(rows)["park_nantang"]
        assert (target.rate, target.due) == (0.9, DUE)
        assert target.text == "90%以上（第五章）；全部（第三章）"


def test_the_due_day_is_the_scored_phrases_own() -> None:
    later = replace(NANTANG_ALL, due=date(2025, 12, 31))
    assert by_park([later, NANTANG_90])["park_nantang"].due == DUE


def test_words_without_a_number_have_no_rate() -> None:
    assert by_park([STARTUP])["park_startup"].rate is None
    assert by_park([STARTUP])["park_startup"].has_own_words


def test_a_phrase_that_is_not_scored_gives_no_rate() -> None:
    assert by_park([NANTANG_ALL])["park_nantang"].rate is None


def test_words_about_a_larger_area_are_shown_but_are_no_target_of_the_park() -> None:
    target = by_park([RAIL])["park_rail"]
    assert not target.has_own_words
    assert target.text == "基本实现全部（第三章）"
    both = by_park([RAIL, replace(NANTANG_90, subject_id="park_rail")])["park_rail"]
    assert both.has_own_words


def test_every_park_gets_its_own_phrases() -> None:
    targets = by_park([RAIL, NANTANG_ALL, STARTUP, NANTANG_90])
    assert {park_id: len(target.phrases) for park_id, target in targets.items()} == {
        "park_rail": 1,
        "park_nantang": 2,
        "park_startup": 1,
    }


def test_no_rows_no_targets() -> None:
    assert by_park([]) == {}
