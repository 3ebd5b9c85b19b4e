"""A page that cannot be drawn says so in Chinese, and nothing is hidden from the log."""

import logging

import pytest

from dongtou_geo.errors import LedgerError
from dongtou_geo.ui.components.frame import guarded


def failing(error: Exception) -> None:
    raise error


def test_what_was_foreseen_is_said_in_its_own_words() -> None:
    said: list[str] = []
    guarded(lambda: failing(LedgerError("台账不见了")), said.append)
    assert said == ["台账不见了"]


def test_what_nobody_foresaw_is_said_in_chinese_and_logged_with_its_trace(
    caplog: pytest.LogCaptureFixture,
) -> None:
    said: list[str] = []
    with caplog.at_level(logging.ERROR):
        guarded(lambda: failing(ZeroDivisionError("division by zero")), said.append)
    (words,) = said
    assert "此页出错" in words
    assert "division" not in words
    assert "ZeroDivisionError" in caplog.text


def test_a_page_that_is_drawn_says_nothing() -> None:
    said: list[str] = []
    drawn: list[int] = []
    guarded(lambda: drawn.append(1), said.append)
    assert (said, drawn) == ([], [1])
