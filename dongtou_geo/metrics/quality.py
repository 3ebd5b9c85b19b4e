"""Areas on paper against areas drawn, and numbers that look alike."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# Every dash that a keyboard or a PDF may give, and the full-width ones that NFKC leaves.
_DASHES = re.compile("[‐‑‒–—―−﹘﹣－_·]")
_SPACES = re.compile(r"\s+")
# What a wrong unit or a wrong projection does to an area; a reason is only ever a guess.
_FACTORS = (
    (2000.0 / 3.0, 0.02, "疑似把平方米填作亩"),
    (3.0 / 2000.0, 0.02, "疑似把亩当平方米换算过"),
    (1.0 / 15.0, 0.02, "疑似把公顷填作亩"),
    (15.0, 0.02, "疑似按公顷多换算了一次"),
    (1.0 / 1.285, 0.008, "约小 22%，疑似图形坐标有误或按网络墨卡托缩放"),
    (1.285, 0.008, "疑似按网络墨卡托量得（约大 28%）"),
)
_OVER, _UNDER = (
    "大于图形：图形可能未含代征道路、绿地，或只画了一期",
    "小于图形：图形可能含代征道路、绿地，或界线画大",
)


@dataclass(frozen=True, slots=True)
class Alike:
    """Numbers that a reader would take for one another.

    Parameters
    ----------
    key : str
        What they have in common.
    members : tuple of (str, str or None)
        Numbers and parks, by number.
    """

    key: str
    members: tuple[tuple[str, str | None], ...]


def base_mu(drawn_mu: Floats, ledger_mu: Floats) -> Floats:
    """Return what areas on paper are held against: the drawn one, else the ledger's.

    Parameters
    ----------
    drawn_mu, ledger_mu : ndarray of float, shape (n,)
        亩; NaN = none.
    """
    return np.where(np.isnan(drawn_mu), ledger_mu, drawn_mu)


def beyond(paper_mu: Floats, against_mu: Floats, *, share: float, mu: float) -> Bools:
    """Tell which areas on paper differ by more than a share and more than some 亩.

    Parameters
    ----------
    paper_mu, against_mu : ndarray of float, shape (n,)
        亩; NaN = not given, which differs from nothing.
    share : float
        Tolerance as a fraction of ``against_mu``.
    mu : float
        Tolerance in 亩; both must be passed.
    """
    difference = np.abs(paper_mu - against_mu)
    with np.errstate(invalid="ignore"):
        return np.asarray(
            (against_mu > 0) & (difference > share * against_mu) & (difference > mu), dtype=bool
        )


def likely_reason(paper_mu: float, against_mu: float) -> str:
    """Guess why two areas of a parcel differ, from how they relate.

    Parameters
    ----------
    paper_mu : float
        The area on paper, 亩.
    against_mu : float
        The drawn area, 亩; greater than 0.

    Notes
    -----
    亩 = 2000/3 m2, 公顷 = 15 亩; Web Mercator enlarges areas here by 28-29 %.
    """
    ratio = paper_mu / against_mu
    for factor, tolerance, words in _FACTORS:
        if abs(ratio / factor - 1.0) <= tolerance:
            return words
    return _OVER if ratio > 1 else _UNDER


def look_alike_key(number: str) -> str:
    """Return a number without what the eye passes over: width, case, spaces, kinds of dashes.

    Parameters
    ----------
    number : str
        A parcel's number.
    """
    plain = unicodedata.normalize("NFKC", number).casefold()
    return _SPACES.sub("", _DASHES.sub("-", plain))


def look_alikes(numbers: Iterable[tuple[str, str | None]]) -> list[Alike]:
    """Find numbers that differ only in what the eye passes over.

    Parameters
    ----------
    numbers : iterable of (str, str or None)
        Numbers, each once, and parks.

    Returns
    -------
    list of Alike
        By their key; of hundreds of thousands of numbers only the keys are kept.
    """
    first: dict[str, tuple[str, str | None]] = {}
    more: dict[str, list[tuple[str, str | None]]] = {}
    for number, park in numbers:
        key = look_alike_key(number)
        if key in first:
            more.setdefault(key, [first[key]]).append((number, park))
        else:
            first[key] = (number, park)
    return [
        Alike(key, tuple(sorted(own, key=lambda each: each[0])))
        for key, own in sorted(more.items())
    ]
