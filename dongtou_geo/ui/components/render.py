"""HTML from templates, every value escaped; figures written the one way they are written."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from dongtou_geo import settings
from dongtou_geo.domain.written import day, goal, moment, mu, mu2, percent, plain, wan, yi
from dongtou_geo.services.proof.ask import OUTSIDE, FigureAsk

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


def fig(text: str, asked: FigureAsk) -> Markup:
    """Write a figure as the button that opens its proof.

    Parameters
    ----------
    text : str
        The figure as it is read.
    asked : FigureAsk
        Which figure it is.
    """
    return Markup('<button class="fig" data-select="proof:{}" title="打开证据">{}</button>').format(
        asked.text, text
    )


def ask(
    figure: str,
    subject: str | None = None,
    as_of: date | None = None,
    detail: str = "",
    since: date | None = None,
) -> FigureAsk:
    """Name a figure in a template; a subject of None is 园区外.

    Parameters
    ----------
    figure, subject, as_of, detail, since
        As for ``FigureAsk``.
    """
    return FigureAsk(figure, subject or OUTSIDE, as_of, detail, since)


def page_link(page: str, **query: object) -> str:
    """Return the address of one of our pages, for a link.

    Parameters
    ----------
    page : str
        Its path; "" is the map.
    **query : object
        Its parameters; None is left out.
    """
    told = {key: str(value) for key, value in query.items() if value is not None}
    return f"{settings.from_environment().prefix}/{page}" + (f"?{urlencode(told)}" if told else "")


_environment = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters |= {
    "mu": mu,
    "percent": percent,
    "yi": yi,
    "day": day,
    "plain": plain,
    "goal": goal,
    "wan": wan,
    "mu2": mu2,
    "moment": moment,
}
_environment.globals |= {"fig": fig, "ask": ask, "page_link": page_link}


def render(template: str, **values: object) -> str:
    """Fill a template; autoescape is on, so that a name is always text.

    Parameters
    ----------
    template : str
        File name under templates/.
    **values : object
        What the template needs.
    """
    return _environment.get_template(template).render(**values)
