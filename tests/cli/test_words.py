"""Words of the command line: days, moments, areas, and argparse in Chinese."""

import re
import sys
from datetime import UTC, datetime, timedelta

import pytest

from dongtou_geo.cli import main
from dongtou_geo.cli.words import Parser, moment, moment_shown, square_metres, today_here
from dongtou_geo.errors import UsageError

Capture = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2024-03-31", "2024-03-31T15:59:59.999999+00:00"),
        ("2024-03-31T09:00", "2024-03-31T01:00:00+00:00"),
        ("2024-03-31 09:00:30", "2024-03-31T01:00:30+00:00"),
        ("2024-03-31T09:00Z", "2024-03-31T09:00:00+00:00"),
        ("2024-03-31T09:00:00.25-05:00", "2024-03-31T14:00:00.250000+00:00"),
    ],
)
def test_a_moment_is_read_as_staff_mean_it(text: str, meant: str) -> None:
    assert moment(text) == datetime.fromisoformat(meant)


@pytest.mark.parametrize(
    "text",
    [
        "20240331",
        "2024-W13-7",
        "20240331T0900",
        "2024-03-31T09",
        "2024-03-31T25:00",
        "2024-02-30",
        "２０２４-03-31",
        " 2024-03-31",
        "2024-03-31T09:00+0800",
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00+14:00",
        "0001-01-01T00:00",
        "",
    ],
)
def test_a_moment_written_otherwise_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        moment(text)
    assert f"“{text}”" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_moment_after_today_is_refused() -> None:
    with pytest.raises(UsageError, match="晚于今天"):
        moment((today_here() + timedelta(days=1)).isoformat())
    with pytest.raises(UsageError, match="晚于今天"):
        moment("9999-12-31")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2024-03-31", "2024-03-31"),
        ("2024-03-31T09:00", "2024-03-31 09:00"),
        ("0001-01-01", "0001-01-01"),
    ],
)
def test_a_moment_is_shown_as_it_is_here(text: str, shown: str) -> None:
    assert moment_shown(moment(text)) == shown


@pytest.mark.parametrize("text", ["nan", "inf", "-1", "三亩", "", "1e999"])
def test_an_area_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="平方米"):
        square_metres(text)


def test_an_area_may_be_nothing() -> None:
    assert (square_metres("0"), square_metres("3500.25")) == (0.0, 3500.25)


@pytest.mark.parametrize(
    "words",
    [["-h"], ["progress", "-h"], ["serve", "--help"], ["ledger", "-h"], ["ledger", "record", "-h"]],
)
def test_help_has_no_english_left(capsys: Capture, words: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(words)
    assert left.value.code == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.startswith("用法：dongtou-geo")
    english = ("usage", "options", "positional arguments", "show this help", "show program")
    assert [word for word in english if word in out] == []


def _complaint(*words: str) -> str:
    parser = Parser(prog="x")
    parser.add_argument("number", type=int)
    parser.add_argument("--one", choices=("a", "b"))
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--only", action="store_true")
    either.add_argument("--other", action="store_true")
    need = parser.add_mutually_exclusive_group(required=True)
    need.add_argument("--this", action="store_true")
    need.add_argument("--that", nargs="+")
    with pytest.raises(UsageError) as refused:
        parser.parse_args(words)
    return str(refused.value)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--this"], "缺少 number"),
        (["1"], "--this --that 须有其一"),
        (["x", "--this"], "参数 number：应为整数，不能是 'x'"),
        (["1", "2", "--this"], "不认识 2"),
        (["1", "--this", "--one"], "参数 --one：后面应有一个值"),
        (["1", "--that"], "参数 --that：后面应有一个值"),
        (["1", "--this=3"], "参数 --this：后面不能有值 '3'"),
        (["1", "--this", "--only", "--other"], "参数 --other：不能与 --only 同用"),
        (["1", "--th"], "--th 说得不全，可以是 --this, --that"),
        (["1", "--this", "--one", "c"], "参数 --one：不能是 'c'，可选"),
        (["1", "--this", "--one", "c\nd"], "参数 --one：不能是"),
    ],
)
def test_wrong_words_are_told_in_chinese_and_one_line(words: list[str], said: str) -> None:
    complaint = _complaint(*words)
    assert complaint.startswith("用法错误：")
    assert said in complaint
    assert "\n" not in complaint
    assert not re.search(r"argument|expected|invalid|choose|required|could match", complaint)


def test_words_that_are_no_text_are_shown_escaped(capsys: Capture) -> None:
    # A byte that is no UTF-8 reaches Python as a lone surrogate.
    assert main(["progress", "--as-of", "\udcff"]) == 2
    assert "日期" in capsys.readouterr().err
    assert sys.stderr is not None


def test_today_is_the_day_here() -> None:
    assert abs((today_here() - datetime.now(UTC).date()).days) <= 1
