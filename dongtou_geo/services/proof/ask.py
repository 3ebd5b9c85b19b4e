"""Which figure is asked for: the word by which an address, a button and a sheet name it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, unquote

from dongtou_geo.domain.day import parse_day

DISTRICT = "all"
OUTSIDE = "outside"
_BETWEEN = "~"
# A hundred characters of a search, each written as up to twelve.
LONGEST = 3_000
# Beyond these years no page goes, and the calendar soon ends.
FIRST, LAST = 1990, 2100


@dataclass(frozen=True, slots=True)
class FigureAsk:
    """One figure of the app.

    Parameters
    ----------
    figure : str
        Which, as ``services.proof.FIGURES`` knows it: ``in_production_mu``, ``rate``, …
    subject : str
        Of what: a feature id, ``outside`` (园区外) or ``all`` (the district).
    as_of : date or None
        The day; None for a figure of the plan.
    detail : str
        What else names it: a status, a filter.
    since : date or None
        The first of two days, where something moved between them.
    """

    figure: str
    subject: str = DISTRICT
    as_of: date | None = None
    detail: str = ""
    since: date | None = None

    @property
    def text(self) -> str:
        """Return the word for the address."""
        days = ("" if day is None else day.isoformat() for day in (self.as_of, self.since))
        as_of, since = days
        parts = [self.figure, self.subject or OUTSIDE, as_of, self.detail, since]
        # Not "~" alone: quote leaves it as it is.
        written = [quote(part, safe="").replace(_BETWEEN, "%7E") for part in parts]
        return _BETWEEN.join(written).rstrip(_BETWEEN)


def parse_ask(text: str) -> FigureAsk | None:
    """Read a figure's word, or return None where it is none.

    Parameters
    ----------
    text : str
        As in an address; anybody may have typed it.
    """
    if not text or len(text) > LONGEST:
        return None
    parts = [unquote(part) for part in text.split(_BETWEEN)]
    if len(parts) > 5:
        return None
    figure, subject, as_of, detail, since = [*parts, *[""] * (5 - len(parts))]
    days = [parse_day(day) if day else None for day in (as_of, since)]
    if any(day is None for day, word in zip(days, (as_of, since), strict=True) if word):
        return None
    if any(day is not None and not FIRST <= day.year <= LAST for day in days):
        return None
    return FigureAsk(figure, subject or DISTRICT, days[0], detail, days[1])
