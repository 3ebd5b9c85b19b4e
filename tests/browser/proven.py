"""A figure's proof as a reader checks it: opened by a click, every row read, closed again."""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Watched

NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")


def figures(text: str) -> list[float]:
    return [float(word.replace(",", "")) for word in NUMBER.findall(text)]


@dataclass(frozen=True)
class Proven:
    """What the page says, what its proof says, and every row behind it, as they stand on screen."""

    on_page: str
    value_text: str
    rows: list[dict[str, str]]
    foot: dict[str, str]

    @property
    def value(self) -> float:
        return figures(self.value_text)[0]

    def amounts(self, key: str, column: str) -> dict[str, float]:
        """Return a column by row; what is not given is left out."""
        return {row[key]: figures(row[column])[0] for row in self.rows if row[column] != "—"}


@dataclass
class Proofs:
    """Opens the proofs of a page, one after the other."""

    watched: Watched
    last: str = ""

    def of(self, figure: str, *, within: str = "") -> Proven:
        """Open the proof of a figure by a click, read all pages of its table, and close it."""
        page = self.watched.page
        button = page.locator(f'{within} .fig[data-select^="proof:{figure}"]:visible').first
        expect(button).to_be_visible()
        on_page = button.inner_text()
        button.click()
        title = page.locator(".proof h2")
        expect(title).to_be_visible()
        # For a moment the dialog still holds the proof before this one.
        if self.last:
            expect(title).not_to_have_text(self.last)
        self.last = title.inner_text()
        said = page.locator(".proof .value").inner_text()
        table = page.locator(".proof .scroll table").first
        rows, foot = _read(page, table) if table.count() else ([], {})
        page.get_by_role("dialog").get_by_role("button", name="关闭").click()
        expect(page.locator(".proof")).to_have_count(0)
        # Until the address has let go of it, the next click would be one too early.
        expect(page).not_to_have_url(re.compile("proof="))
        return Proven(on_page, said, rows, foot)


def _read(page: Page, table: Locator) -> tuple[list[dict[str, str]], dict[str, str]]:
    # A unit stands small after a column's name.
    head: list[str] = table.locator("th").evaluate_all(
        "all => all.map((cell) => cell.firstChild.textContent.trim())"
    )
    body, further = table.locator("tbody tr"), page.locator(".proof .pages button")
    further = further.filter(has_text="下一页")
    rows: list[dict[str, str]] = []
    while True:
        lines = [line.split("\t") for line in body.all_inner_texts()]
        rows += [dict(zip(head, map(str.strip, line), strict=True)) for line in lines]
        if further.count() == 0:
            break
        before = body.first.inner_text()
        further.click()
        expect(body.first).not_to_have_text(before, use_inner_text=True)
    sums = table.locator("tfoot td").all_inner_texts()
    return rows, dict(zip(head, sums, strict=True)) if sums else {}
