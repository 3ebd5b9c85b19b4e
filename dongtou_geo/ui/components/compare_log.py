"""变动日志: the lines recorded since a day, in groups that filter and in full, page by page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dongtou_geo.domain.progress import LedgerStamp
from dongtou_geo.domain.written import moment
from dongtou_geo.services.changes import (
    ChangeLog,
    LogFilter,
    change_log_of,
    start_of,
)
from dongtou_geo.store.change_log import Grouping, LogGroup
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.ui.compare_address import CompareAddress
from dongtou_geo.ui.components.clickable import clickable
from dongtou_geo.ui.components.render import render

# The log's filter by what it is grouped by.
KINDS: dict[str, Grouping] = {
    "day": "day", "person": "person", "import_id": "import", "document": "document",
}  # fmt: skip
TITLES = {
    "day": "按日", "person": "按录入人", "import_id": "按来源", "document": "按依据文号",
}  # fmt: skip


def log(
    address: CompareAddress,
    ledger: Ledger,
    stamp: LedgerStamp,
    go: Callable[[CompareAddress], None],
) -> None:
    """Show the log.

    Parameters
    ----------
    address : CompareAddress
        The view.
    ledger : Ledger
        Where from.
    stamp : LedgerStamp
        Which ledger that is.
    go : callable
        Given a changed view.
    """
    picked = dict(address.picked)
    wanted = LogFilter(start_of(address.since), address.park, **picked)
    found = change_log_of(ledger, wanted, page=address.page or 1)
    html = render(
        "compare_log.html", log=found, since=address.since, stamp=stamp, as_of=address.second,
        kinds=KINDS, groups=_groups(found, picked),
        picked=[(name, value, _label(found, name, value)) for name, value in address.picked],
    )  # fmt: skip

    def chosen(word: str) -> None:
        kind, _, value = word.partition(":")
        if kind == "pick":
            name, _, key = value.partition(":")
            if name in KINDS:
                go(address.picking(name, key))
        elif kind == "page":
            go(replace(address, page=int(value)))

    clickable("compare-log", html, chosen, sheet="compare")


def _groups(
    found: ChangeLog, picked: dict[str, str]
) -> list[tuple[str, str, list[tuple[LogGroup, str, str, bool]]]]:
    return [
        (
            name,
            TITLES[name],
            [
                (group, _label(found, name, group.key), _note(found, name, group.key),
                 picked.get(name) == group.key)
                for group in found.groups[by].shown
            ],
        )
        for name, by in KINDS.items()
    ]  # fmt: skip


def _label(found: ChangeLog, name: str, key: str) -> str:
    if name == "import_id":
        source = found.sources.get(key)
        return source.file if source else (f"导入 {key}" if key else "手工录入")
    return key or "未注明"


def _note(found: ChangeLog, name: str, key: str) -> str:
    """Say of an import by which file it came and whether it still stands."""
    source = found.sources.get(key) if name == "import_id" else None
    if source is None:
        return ""
    undone = (
        f"；{source.undone_by or ''} 已于 {moment(source.undone_at)} 撤销"
        if source.undone_at
        else ""
    )
    return (
        f"SHA-256 {source.sha256[:12]}；{source.recorded_by} {moment(source.recorded_at)}{undone}"
    )
