"""How figures are written, and that a name is text whatever it holds."""

from datetime import date

import pytest
from jinja2 import UndefinedError

from dongtou_geo.domain.problem import Problem, Severity
from dongtou_geo.domain.progress import LedgerStamp
from dongtou_geo.ui.components.render import TEMPLATES, render

HOSTILE = "<script>window.hacked=1</script><img src=x onerror=\"a('&amp;')\">"


def test_what_an_address_says_is_shown_as_text() -> None:
    html = render("remarks.html", remarks=[HOSTILE])
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;window.hacked=1" in html


def test_a_list_of_problems_shows_every_part_of_each_as_text() -> None:
    problem = Problem(
        "geodata/甲.geojson", f"f{HOSTILE}", f"d{HOSTILE}", f"v{HOSTILE}", f"e{HOSTILE}",
        "bad_value", Severity.ERROR, f"m{HOSTILE}",
    )  # fmt: skip
    html = render("problems.html", problems=[problem, problem])
    assert "2 处错误" in html
    assert html.count("geodata/甲.geojson") == 2
    assert "<script" not in html
    assert "<img" not in html
    for first in "fdvem":
        assert html.count(f"{first}&lt;script&gt;") == 2


def test_a_problem_of_a_whole_file_has_empty_cells_and_no_none() -> None:
    problem = Problem("layers/a.toml", None, None, None, None, "x", Severity.ERROR, "不好")
    assert "None" not in render("problems.html", problems=[problem])


def test_the_sample_bar_says_that_all_is_made_up_and_until_when() -> None:
    html = render("sample_bar.html", stamp=LedgerStamp(True, "s-1", date(2026, 6, 30)))
    for words in ("示例数据", "虚构", "2026-06-30"):
        assert words in html


def test_a_value_that_a_template_misses_is_an_error_and_not_an_empty_place() -> None:
    with pytest.raises(UndefinedError):
        render("sample_bar.html")


def test_no_template_turns_escaping_off() -> None:
    found = sorted(TEMPLATES.glob("*.html"))
    assert len(found) > 8
    for path in found:
        text = path.read_text("utf-8")
        for word in ("|safe", "| safe", "autoescape", "Markup", "javascript:", "onclick="):
            assert word not in text, path.name
