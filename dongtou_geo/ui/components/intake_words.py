"""What a command says with its flags, said for a page: where on the page the choice is made."""

from __future__ import annotations

import re

from dongtou_geo.domain.ledger_field import LEDGER_FIELDS

CHANGES = "修改列的对应、坐标或园区"
_QUESTION = re.compile(r"[，；]请用 --(?:layer|map|crs|encoding).*", re.DOTALL)
_SAID = (
    (re.compile(r"可用 --park 指明园区"), f"可在“{CHANGES}”里选园区"),
    (re.compile(r"请用 --map .+? 指明(?:一列)?"), f"请在“{CHANGES}”里改"),
    (re.compile(r"，或用 --crs EPSG:编号 指明坐标系"), ""),
    (re.compile(r"按 --crs 指定的"), "按您选定的"),
    (re.compile(r"--crs 指定的是"), "您选定的是"),
    (
        re.compile(r"，?请用 --(?:layer|crs|encoding) .*?指[明定][^，；。]*"),
        f"，请在“{CHANGES}”里改",
    ),
)


def question(words: str) -> str:
    """Leave the command's flag out of a question: its options are asked for on the page.

    Parameters
    ----------
    words : str
        As the command asks.
    """
    return said(_QUESTION.sub("", words))


def said(words: str) -> str:
    """Say where on the page a choice is made instead of naming a command's flag.

    Parameters
    ----------
    words : str
        As the command says it.
    """
    for pattern, plain in _SAID:
        words = pattern.sub(plain, words)
    return words


def mapped(option: str) -> str:
    """Return how a column chosen for a field of the ledger is read; any other word stays.

    Parameters
    ----------
    option : str
        Such as ``parcel_no=宗地号`` or ``area_m2=面积:亩``.
    """
    name, equals, column = option.partition("=")
    if not equals or name not in LEDGER_FIELDS:
        return option
    of, _, unit = column.partition(":")
    return f"“{of}”列{f'（{unit}）' if unit else ''}是{LEDGER_FIELDS[name].label}"
