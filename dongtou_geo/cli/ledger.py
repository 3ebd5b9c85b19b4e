"""Commands about the ledger: new, record, status, history; undo; verify, backup, restore, copy."""

from __future__ import annotations

import argparse
import getpass
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dongtou_geo import settings
from dongtou_geo.cli.words import Parser, day, square_metres, today_here
from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.errors import LedgerError, UsageError

if TYPE_CHECKING:
    from dongtou_geo.services.record import Clerk
    from dongtou_geo.store.ledger import Ledger

FINDING = 1


def add_commands(verbs: argparse._SubParsersAction[Parser]) -> None:
    """Add the verbs to the parser.

    Parameters
    ----------
    verbs : argparse subparsers
        Of ``ledger``.
    """
    _add_recording(verbs)
    _add_upkeep(verbs)


def _add_recording(verbs: argparse._SubParsersAction[Parser]) -> None:
    new = _verb(verbs, "new", "新建空台账")
    new.set_defaults(run=_new)
    record = _verb(verbs, "record", "记一件事，如 ledger record 南塘-A-01 produce 2024-05-06")
    record.add_argument("parcel_no", help="地块编号")
    record.add_argument("kind", choices=[kind.value for kind in EventKind], help="发生了什么")
    record.add_argument("effective_on", type=day, help="发生日期")
    record.add_argument("--area-m2", type=square_metres, help="面积（平方米）；不填为全部")
    record.add_argument("--park", help="move_park：新园区；不填为园区外")
    record.add_argument("--doc", help="依据文号")
    record.add_argument("--corrects", type=int, help="更正第几号记录")
    record.add_argument("--reason", help="更正或作废的理由")
    record.add_argument("--by", help="经办人；默认为当前登录名")
    record.set_defaults(run=_record)
    undo = _verb(verbs, "undo", "整批撤销一次导入")
    undo.add_argument("import_id", help="导入编号")
    undo.add_argument("--by", help="经办人；默认为当前登录名")
    undo.set_defaults(run=_undo)
    status = _verb(verbs, "status", "各状态面积与宗数")
    status.add_argument("--as-of", type=day, help="截至日期")
    status.set_defaults(run=_status)
    history = _verb(verbs, "history", "一宗地的全部记录")
    history.add_argument("parcel_no", help="地块编号")
    history.set_defaults(run=_history)


def _add_upkeep(verbs: argparse._SubParsersAction[Parser]) -> None:
    verify = _verb(verbs, "verify", "核验台账文件与账簿")
    verify.set_defaults(run=_verify)
    backup = _verb(verbs, "backup", "备份台账")
    backup.add_argument("out", nargs="?", type=Path, help="新文件；默认在台账旁的 backups/ 里")
    backup.set_defaults(run=_backup)
    restore = _verb(verbs, "restore", "从备份恢复台账")
    restore.add_argument("file", type=Path, help="备份文件")
    restore.add_argument("--force", action="store_true", help="取代现有台账，原台账另存")
    restore.set_defaults(run=_restore)
    copy = verbs.add_parser("copy", help="把台账复制到另一处，如从文件到 PostGIS")
    copy.add_argument("source", help="原台账地址，或 sample")
    copy.add_argument("target", help="新台账地址，那里还没有台账")
    copy.add_argument("--json", action="store_true", help="输出一个 JSON 文档")
    copy.set_defaults(run=_copy)


def _verb(verbs: argparse._SubParsersAction[Parser], name: str, hint: str) -> Parser:
    parser = verbs.add_parser(name, help=hint)
    parser.add_argument(
        "--ledger", help="台账地址（SQLAlchemy URL），或 sample；默认 data/ledger.sqlite"
    )
    parser.add_argument("--json", action="store_true", help="输出一个 JSON 文档")
    return parser


def _new(arguments: argparse.Namespace) -> int:
    from dongtou_geo.store.address import shown
    from dongtou_geo.store.opening import create

    url = _place(arguments.ledger)
    create(url)
    _say(arguments, {"ledger": shown(url)}, f"空台账已建立：{shown(url)}")
    return 0


def _record(arguments: argparse.Namespace) -> int:
    from dongtou_geo.catalog.plan import load_parks
    from dongtou_geo.services.record import Draft, record, void

    clerk = _clerk(arguments)
    kind = EventKind(arguments.kind)
    if kind is EventKind.VOID:
        if arguments.corrects is None:
            msg = "作废须用 --corrects 指明第几号记录"
            raise UsageError(msg)
        receipt = void(
            _ledger(arguments),
            arguments.parcel_no,
            arguments.corrects,
            arguments.reason or "",
            clerk,
        )
    else:
        draft = Draft(
            arguments.parcel_no,
            kind,
            arguments.effective_on,
            arguments.doc,
            arguments.area_m2,
            arguments.park,
            arguments.corrects,
            arguments.reason,
        )
        parks = [park.id for park in load_parks()]
        receipt = record(_ledger(arguments), draft, clerk, park_ids=parks)
    event = receipt.event
    words = f"已记第 {event.event_id} 号：{event.parcel_no} {event.kind.label} {event.effective_on}"
    _say(arguments, _event_dict(event), words)
    return 0


def _status(arguments: argparse.Namespace) -> int:
    from dongtou_geo.services.parcel_table import totals_by_status

    as_of = arguments.as_of or today_here()
    with _ledger(arguments).reading() as snapshot:
        totals = totals_by_status(snapshot, as_of)
    rows = [
        {"status": status.value, "parcels": total.parcels, "area_mu": total.area_mu}
        for status, total in totals.items()
    ]
    lines = [f"{s.label} {t.parcels} 宗 {t.area_mu:.1f} 亩" for s, t in totals.items()]
    _say(arguments, rows, "\n".join([f"截至 {as_of}", *lines]))
    return 0


def _history(arguments: argparse.Namespace) -> int:
    with _ledger(arguments).reading() as snapshot:
        events = snapshot.events([arguments.parcel_no])
    if not events:
        msg = f"台账里没有地块 {arguments.parcel_no}；请核对地块编号"
        raise LedgerError(msg)
    lines = [
        f"{e.event_id} {e.effective_on} {e.kind.label} {e.source_doc or '无文号'}"
        f"（{e.recorded_by}，{e.recorded_at:%Y-%m-%d %H:%M} UTC"
        + (f"，更正第 {e.supersedes} 号：{e.reason}" if e.supersedes else "")
        + "）"
        for e in events
    ]
    _say(arguments, [_event_dict(event) for event in events], "\n".join(lines))
    return 0


def _undo(arguments: argparse.Namespace) -> int:
    from dongtou_geo.services.undo import undo

    undone = undo(_ledger(arguments), arguments.import_id, _clerk(arguments))
    document = {
        "import_id": arguments.import_id,
        "voided": [event.event_id for event in undone.voided],
        "parcels": list(undone.parcel_nos),
    }
    events, parcels = len(undone.voided), len(undone.parcel_nos)
    words = f"已撤销导入 {arguments.import_id}：作废 {events} 条记录，涉及 {parcels} 宗地"
    _say(arguments, document, words)
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    from dongtou_geo.domain.problem import Severity
    from dongtou_geo.services.upkeep import verify

    problems = verify(_ledger(arguments))
    lines = [f"{p.severity.label} {p.code} {p.message}" for p in problems]
    lines.append(f"共 {len(problems)} 条" if problems else "核验通过，没有问题")
    _say(arguments, [problem.as_dict() for problem in problems], "\n".join(lines))
    return FINDING if any(p.severity is Severity.ERROR for p in problems) else 0


def _backup(arguments: argparse.Namespace) -> int:
    from dongtou_geo.services.upkeep import backup

    written = backup(_ledger(arguments), arguments.out, now=datetime.now(UTC))
    _say(arguments, {"backup": str(written)}, f"已备份到：{written}")
    return 0


def _restore(arguments: argparse.Namespace) -> int:
    from dongtou_geo.services.upkeep import restore
    from dongtou_geo.store.address import shown

    url = _place(arguments.ledger)
    aside = restore(arguments.file, url, force=arguments.force, now=datetime.now(UTC))
    words = f"已从 {arguments.file} 恢复：{shown(url)}"
    document = {"ledger": shown(url), "former": None if aside is None else str(aside)}
    _say(arguments, document, words if aside is None else f"{words}；原台账另存为 {aside}")
    return 0


def _copy(arguments: argparse.Namespace) -> int:
    from dongtou_geo.services.ledger_choice import chosen_ledger
    from dongtou_geo.services.upkeep import copy
    from dongtou_geo.store.address import shown

    source = chosen_ledger(arguments.source, None) if arguments.source else None
    if source is None:
        msg = "原台账地址为空，应为 SQLAlchemy URL 或 sample"
        raise UsageError(msg)
    copied = copy(source, _named(arguments.target))
    target, rows = shown(copied.ledger.url), copied.rows
    words = f"已复制到 {target}：{rows['parcels']} 宗地、{rows['events']} 条记录"
    _say(arguments, {"ledger": target, "rows": rows}, words)
    return 0


def _ledger(arguments: argparse.Namespace) -> Ledger:
    from dongtou_geo.services.ledger_choice import chosen_ledger

    ledger = chosen_ledger(arguments.ledger, settings.from_environment().ledger_url)
    if ledger is None:
        msg = "没有台账；可用 ledger new 新建，或用 --ledger 指明"
        raise LedgerError(msg)
    return ledger


def _place(named: str | None) -> str:
    """Return where a ledger is to be put: named, else from the environment, else the default."""
    from dongtou_geo.store.address import file_url

    url = named or settings.from_environment().ledger_url
    return _named(url) if url else file_url(settings.DEFAULT_LEDGER)


def _named(url: str) -> str:
    from dongtou_geo.services.ledger_choice import SAMPLE_WORD

    if url == SAMPLE_WORD:
        msg = "示例台账只由 sample 命令生成，不能放在它的位置；请指明别处"
        raise UsageError(msg)
    return url


def _clerk(arguments: argparse.Namespace) -> Clerk:
    from dongtou_geo.services.record import Clerk

    try:
        name = arguments.by or getpass.getuser()
    except (KeyError, OSError):
        msg = "不知道经办人是谁，请用 --by 写明"
        raise UsageError(msg) from None
    return Clerk(name, datetime.now(UTC))


def _event_dict(event: Event) -> dict[str, object]:
    return {
        "event_id": event.event_id,
        "parcel_no": event.parcel_no,
        "kind": event.kind.value,
        "effective_on": event.effective_on.isoformat(),
        "recorded_at": event.recorded_at.isoformat(),
        "recorded_by": event.recorded_by,
        "source_doc": event.source_doc,
        "area_m2": event.area_m2,
        "park_id": event.park_id,
        "supersedes": event.supersedes,
        "reason": event.reason,
    }


def _say(arguments: argparse.Namespace, document: object, words: str) -> None:
    print(json.dumps(document, ensure_ascii=False) if arguments.json else words)
