"""Commands about the ledger: new, record, status, history; undo; verify, backup, restore, copy."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from dongtou_geo.cli import intake, recording
from dongtou_geo.cli.ledger_arguments import (
    clerk_of,
    event_dict,
    ledger_of,
    not_sample,
    place_of,
    say,
    verb,
)
from dongtou_geo.cli.words import Parser, day, today_here
from dongtou_geo.errors import LedgerError, UsageError

FINDING = 1


def add_commands(verbs: argparse._SubParsersAction[Parser]) -> None:
    """Add the verbs to the parser.

    Parameters
    ----------
    verbs : argparse subparsers
        Of ``ledger``.
    """
    intake.add_commands(verbs)
    recording.add_command(verbs)
    _add_looking(verbs)
    _add_upkeep(verbs)


def _add_looking(verbs: argparse._SubParsersAction[Parser]) -> None:
    new = verb(verbs, "new", "新建空台账")
    new.set_defaults(run=_new)
    undo = verb(verbs, "undo", "整批撤销一次导入")
    undo.add_argument("import_id", help="导入编号")
    undo.add_argument("--by", help="经办人；默认为当前登录名")
    undo.set_defaults(run=_undo)
    status = verb(verbs, "status", "各状态面积与宗数")
    status.add_argument("--as-of", type=day, help="截至日期")
    status.set_defaults(run=_status)
    history = verb(verbs, "history", "一宗地的全部记录")
    history.add_argument("parcel_no", help="地块编号")
    history.set_defaults(run=_history)


def _add_upkeep(verbs: argparse._SubParsersAction[Parser]) -> None:
    verify = verb(verbs, "verify", "核验台账文件与账簿")
    verify.set_defaults(run=_verify)
    backup = verb(verbs, "backup", "备份台账")
    backup.add_argument("out", nargs="?", type=Path, help="新文件；默认在台账旁的 backups/ 里")
    backup.set_defaults(run=_backup)
    restore = verb(verbs, "restore", "从备份恢复台账")
    restore.add_argument("file", type=Path, help="备份文件")
    restore.add_argument("--force", action="store_true", help="取代现有台账，原台账另存")
    restore.set_defaults(run=_restore)
    copy = verbs.add_parser("copy", help="把台账复制到另一处，如从文件到 PostGIS")
    copy.add_argument("source", help="原台账地址，或 sample")
    copy.add_argument("target", help="新台账地址，那里还没有台账")
    copy.add_argument("--json", action="store_true", help="输出一个 JSON 文档")
    copy.set_defaults(run=_copy)


def _new(arguments: argparse.Namespace) -> int:
    from dongtou_geo.store.address import shown
    from dongtou_geo.store.opening import create

    url = place_of(arguments.ledger)
    create(url)
    say(arguments, {"ledger": shown(url)}, f"空台账已建立：{shown(url)}")
    return 0


def _status(arguments: argparse.Namespace) -> int:
    from dongtou_geo.services.parcel_table import totals_by_status

    as_of = arguments.as_of or today_here()
    with ledger_of(arguments).reading() as snapshot:
        totals = totals_by_status(snapshot, as_of)
    rows = [
        {"status": status.value, "parcels": total.parcels, "area_mu": total.area_mu}
        for status, total in totals.items()
    ]
    lines = [f"{s.label} {t.parcels} 宗 {t.area_mu:.1f} 亩" for s, t in totals.items()]
    say(arguments, rows, "\n".join([f"截至 {as_of}", *lines]))
    return 0


def _history(arguments: argparse.Namespace) -> int:
    with ledger_of(arguments).reading() as snapshot:
        events = snapshot.events([arguments.parcel_no])
    if not events:
        msg = f"台账里没有地块 {arguments.parcel_no}；请核对地块编号"
        raise LedgerError(msg)
    lines = [
        f"{e.event_id} {e.day_text} {e.kind.label} {e.source_doc or '无文号'}"
        f"（{e.recorded_by}，{e.recorded_at:%Y-%m-%d %H:%M} UTC"
        + (f"，更正第 {e.supersedes} 号：{e.reason}" if e.supersedes else "")
        + "）"
        for e in events
    ]
    say(arguments, [event_dict(event) for event in events], "\n".join(lines))
    return 0


def _undo(arguments: argparse.Namespace) -> int:
    from dongtou_geo.services.undo import undo

    undone = undo(ledger_of(arguments), arguments.import_id, clerk_of(arguments))
    document = {
        "import_id": arguments.import_id,
        "voided": [event.event_id for event in undone.voided],
        "parcels": list(undone.parcel_nos),
    }
    events, parcels = len(undone.voided), len(undone.parcel_nos)
    words = f"已撤销导入 {arguments.import_id}：作废 {events} 条记录，涉及 {parcels} 宗地"
    say(arguments, document, words)
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    from dongtou_geo.domain.problem import Severity
    from dongtou_geo.services.upkeep import verify

    problems = verify(ledger_of(arguments))
    lines = [f"{p.severity.label} {p.code} {p.message}" for p in problems]
    lines.append(f"共 {len(problems)} 条" if problems else "核验通过，没有问题")
    say(arguments, [problem.as_dict() for problem in problems], "\n".join(lines))
    return FINDING if any(p.severity is Severity.ERROR for p in problems) else 0


def _backup(arguments: argparse.Namespace) -> int:
    from dongtou_geo.services.upkeep import backup

    written = backup(ledger_of(arguments), arguments.out, now=datetime.now(UTC))
    say(arguments, {"backup": str(written)}, f"已备份到：{written}")
    return 0


def _restore(arguments: argparse.Namespace) -> int:
    from dongtou_geo.services.upkeep import restore
    from dongtou_geo.store.address import shown

    url = place_of(arguments.ledger)
    aside = restore(arguments.file, url, force=arguments.force, now=datetime.now(UTC))
    words = f"已从 {arguments.file} 恢复：{shown(url)}"
    document = {"ledger": shown(url), "former": None if aside is None else str(aside)}
    say(arguments, document, words if aside is None else f"{words}；原台账另存为 {aside}")
    return 0


def _copy(arguments: argparse.Namespace) -> int:
    from dongtou_geo.services.ledger_choice import chosen_ledger
    from dongtou_geo.services.upkeep import copy
    from dongtou_geo.store.address import shown

    source = chosen_ledger(arguments.source, None) if arguments.source else None
    if source is None:
        msg = "原台账地址为空，应为 .sqlite 文件的路径、数据库地址或 sample"
        raise UsageError(msg)
    copied = copy(source, not_sample(arguments.target))
    target, rows = shown(copied.ledger.url), copied.rows
    words = f"已复制到 {target}：{rows['parcels']} 宗地、{rows['events']} 条记录"
    say(arguments, {"ledger": target, "rows": rows}, words)
    return 0
