"""The command ``ledger record``: one event, a void, a split or a merge."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from dongtou_geo.cli.ledger_arguments import clerk_of, event_dict, ledger_of, say, verb
from dongtou_geo.cli.words import Parser, child, day, line_of_points, square_metres
from dongtou_geo.domain.event import EventKind
from dongtou_geo.errors import UsageError

if TYPE_CHECKING:
    from dongtou_geo.services.record import Clerk, Receipt
    from dongtou_geo.services.reshape import Reshaped


def add_command(verbs: argparse._SubParsersAction[Parser]) -> None:
    """Add the verb to the parser.

    Parameters
    ----------
    verbs : argparse subparsers
        Of ``ledger``.
    """
    record = verb(verbs, "record", "记一件事，如 ledger record 南塘-A-01 produce 2024-05-06")
    record.add_argument("parcel_no", help="地块编号")
    record.add_argument("kind", choices=[kind.value for kind in EventKind], help="发生了什么")
    record.add_argument("effective_on", type=day, help="发生日期")
    record.add_argument("--area-m2", type=square_metres, help="面积（平方米）；不填为全部")
    record.add_argument("--park", help="move_park：新园区；不填为园区外")
    record.add_argument("--doc", help="依据文号")
    record.add_argument("--corrects", type=int, help="更正第几号记录")
    record.add_argument("--reason", help="更正或作废的理由")
    record.add_argument(
        "--into", action="append", type=child, metavar="新编号[=平方米]",
        help="split、merge：新地块，可多次；不写面积的按图形或原面积",
    )  # fmt: skip
    record.add_argument("--with", dest="parts", action="append", help="merge：其余地块，可多次")
    record.add_argument(
        "--line", type=line_of_points, metavar="“经度,纬度 经度,纬度 …”",
        help="split：分割线，从地块外画到地块外；各块自西向东",
    )  # fmt: skip
    record.add_argument("--by", help="经办人；默认为当前登录名")
    record.set_defaults(run=_record)


def _record(arguments: argparse.Namespace) -> int:
    kind = EventKind(arguments.kind)
    if kind in (EventKind.SPLIT, EventKind.MERGE):
        return _reshape(arguments, kind)
    if kind is EventKind.VOID:
        return _void(arguments)
    return _tell(arguments, _recorded(arguments, kind, clerk_of(arguments)))


def _recorded(arguments: argparse.Namespace, kind: EventKind, clerk: Clerk) -> Receipt:
    from dongtou_geo.catalog.plan import load_parks
    from dongtou_geo.services.record import Draft, record

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
    return record(ledger_of(arguments), draft, clerk, park_ids=parks)


def _void(arguments: argparse.Namespace) -> int:
    from dongtou_geo.services.record import void
    from dongtou_geo.services.undo import undo_reshape

    number, event_id = arguments.parcel_no, arguments.corrects
    if event_id is None:
        msg = "作废须用 --corrects 指明第几号记录"
        raise UsageError(msg)
    ledger, reason, clerk = ledger_of(arguments), arguments.reason or "", clerk_of(arguments)
    with ledger.reading() as snapshot:
        named = [e for e in snapshot.events([number]) if e.event_id == event_id]
    if named and named[0].kind in (EventKind.SPLIT, EventKind.MERGE):
        # One line of a split or merge cannot go alone: all of it is taken back.
        undone = undo_reshape(ledger, number, event_id, reason, clerk)
        document = {
            "voided": [event.event_id for event in undone.voided],
            "parcels": list(undone.parcel_nos),
        }
        words = f"已撤销地块 {number} 的{named[0].kind.label}，涉及 {len(undone.parcel_nos)} 宗地"
        say(arguments, document, words)
        return 0
    return _tell(arguments, void(ledger, number, event_id, reason, clerk))


def _reshape(arguments: argparse.Namespace, kind: EventKind) -> int:
    clerk = clerk_of(arguments)
    children: list[tuple[str, float | None]] = arguments.into or []
    write = _split if kind is EventKind.SPLIT else _merge
    done = write(arguments, children, clerk)
    numbers = [parcel.parcel_no for parcel in done.children]
    document = {
        "partings": [event_dict(event) for event in done.partings],
        "children": [event_dict(event) for event in done.registrations],
    }
    words = f"已记{kind.label}：{arguments.parcel_no} → {'、'.join(numbers)}"
    say(arguments, document, words)
    return 0


def _split(
    arguments: argparse.Namespace, children: list[tuple[str, float | None]], clerk: Clerk
) -> Reshaped:
    from dongtou_geo.services.reshape import split
    from dongtou_geo.services.reshape_parts import split_parts

    ledger, number = ledger_of(arguments), arguments.parcel_no
    parts = split_parts(ledger, number, children, arguments.line)
    return split(ledger, number, arguments.effective_on, parts, clerk, source_doc=arguments.doc)


def _merge(
    arguments: argparse.Namespace, children: list[tuple[str, float | None]], clerk: Clerk
) -> Reshaped:
    from dongtou_geo.services.reshape import merge
    from dongtou_geo.services.reshape_parts import merged_child

    if len(children) != 1 or not arguments.parts:
        msg = "合并须用 --with 指明其余地块（可多次），用 --into 指明一个新编号"
        raise UsageError(msg)
    ledger, numbers = ledger_of(arguments), [arguments.parcel_no, *arguments.parts]
    new_no, area_m2 = children[0]
    whole = merged_child(ledger, numbers, new_no, arguments.effective_on, area_m2)
    return merge(ledger, numbers, arguments.effective_on, whole, clerk, source_doc=arguments.doc)


def _tell(arguments: argparse.Namespace, receipt: Receipt) -> int:
    event = receipt.event
    words = f"已记第 {event.event_id} 号：{event.parcel_no} {event.kind.label} {event.effective_on}"
    say(arguments, event_dict(event), words)
    return 0
