"""Days: how they are written, and which one it is here."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_WRITTEN = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def parse_day(text: str) -> date | None:
    """Read a day written as 2018-12-31, or return None.

    Parameters
    ----------
    text : str
        What was written.

    Notes
    -----
    ``date.fromisoformat`` alone also takes 20181231 and 2018-W52-1, which nobody here means.
    """
    if not _WRITTEN.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def day_here(moment: datetime) -> date:
    """Return the day in Asia/Shanghai at a moment.

    Parameters
    ----------
    moment : datetime
        Aware moment.
    """
    return moment.astimezone(SHANGHAI).date()


def month_end(day: date) -> date:
    """Return the last day of a day's month.

    Parameters
    ----------
    day : date
        Any day of it.
    """
    return day.replace(day=monthrange(day.year, day.month)[1])
