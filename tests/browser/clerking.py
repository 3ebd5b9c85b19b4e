"""What a clerk does on 地块台账, as the tests of its page do it."""

import shutil
from pathlib import Path

from playwright.sync_api import Locator, expect

from dongtou_geo.services.sample import make_sample
from tests.browser.conftest import Watched

PARCEL = "示例-南塘-A-010"
DAY = "2026-06-29"
DOC = "竣工验收〔2026〕8号"


def own_ledger(folder: Path) -> Path:
    """Return a ledger that tests may write to."""
    made = folder / "made.sqlite"
    make_sample(made)
    return Path(shutil.copy(made, folder / "own.sqlite"))


def form_of(page: Watched) -> Locator:
    return page.page.locator(".st-key-record-form [data-testid=stForm]")


def choose(page: Watched, kind: str) -> Locator:
    """Choose what happened, and return the form that asks for the rest."""
    box = page.page.get_by_role("combobox", name="事项")
    box.click()
    page.page.keyboard.type(kind)
    page.page.get_by_role("option").filter(has_text=kind).first.click()
    form = form_of(page)
    expect(form.get_by_label("经办人（必填）")).to_be_visible()
    return form


def type_day(form: Locator, day: str) -> None:
    for part, text in zip(form.locator("[role=spinbutton]").all()[:3], day.split("-"), strict=True):
        part.click()
        form.page.keyboard.type(text)


def record(page: Watched, kind: str, day: str, by: str = "王经办") -> None:
    form = choose(page, kind)
    page.page.wait_for_timeout(500)  # no clerk types before the form stands still
    type_day(form, day)
    form.get_by_label("依据文号").fill(DOC)
    form.get_by_label("经办人（必填）").fill(by)
    form.get_by_role("button", name="提交").click()


def told(page: Watched, words: str) -> Locator:
    """Return the announcement that says some words."""
    return page.page.get_by_role("status").filter(has_text=words)
