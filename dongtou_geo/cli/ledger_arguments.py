"""What all commands about a ledger share: which ledger, who speaks, how the answer is said."""

from __future__ import annotations

import argparse
import getpass
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dongtou_geo import settings
from dongtou_geo.cli.words import Parser
from dongtou_geo.domain.event import Event
from dongtou_geo.errors import LedgerError, UsageError

if TYPE_CHECKING:
    from dongtou_geo.services.record import Clerk
    from dongtou_geo.store.ledger import Ledger


def verb(verbs: argparse._SubParsersAction[Parser], name: str, hint: str) -> Parser:
    """Add a verb that works on one ledger.

    Parameters
    ----------
    verbs : argparse subparsers
        Of ``ledger``.
    name, hint : str
        The verb, and what it does, in Chinese.
    """
    parser = verbs.add_parser(name, help=hint)
    parser.add_argument(
        "--ledger",
        help="台账：.sqlite 文件的路径，或数据库地址（sqlite:////…），或 sample；默认 data/ledger.sqlite",
    )
    parser.add_argument("--json", action="store_true", help="输出一个 JSON 文档")
    return parser


def ledger_of(arguments: argparse.Namespace) -> Ledger:
    """Return the ledger that a command names, or the default one.

    Parameters
    ----------
    arguments : argparse.Namespace
        With ``ledger``.

    Raises
    ------
    LedgerError
        If there is none.
    """
    from dongtou_geo.services.ledger_choice import chosen_ledger

    ledger = chosen_ledger(arguments.ledger, settings.from_environment().ledger_url)
    if ledger is None:
        msg = "没有台账；可用 ledger new 新建，或用 --ledger 指明"
        raise LedgerError(msg)
    return ledger


def place_of(named: str | None) -> str:
    """Return where a ledger is to be put: named, else from the environment, else the default.

    Parameters
    ----------
    named : str or None
        As on the command line.
    """
    from dongtou_geo.store.address import file_url

    url = named or settings.from_environment().ledger_url
    return not_sample(url) if url else file_url(settings.DEFAULT_LEDGER)


def not_sample(url: str) -> str:
    """Refuse the sample's word as a place for a ledger.

    Parameters
    ----------
    url : str
        As on the command line.

    Raises
    ------
    UsageError
        If it is the sample's.
    """
    from dongtou_geo.services.ledger_choice import SAMPLE_WORD

    if url == SAMPLE_WORD:
        msg = "示例台账只由 sample 命令生成，不能放在它的位置；请指明别处"
        raise UsageError(msg)
    return url


def clerk_of(arguments: argparse.Namespace) -> Clerk:
    """Return who speaks: named by ``--by``, else the login name.

    Parameters
    ----------
    arguments : argparse.Namespace
        With ``by``.

    Raises
    ------
    UsageError
        If nobody is named.
    """
    from dongtou_geo.services.record import Clerk

    try:
        name = arguments.by or getpass.getuser()
    except (KeyError, OSError):
        msg = "不知道经办人是谁，请用 --by 写明"
        raise UsageError(msg) from None
    return Clerk(name, datetime.now(UTC))


def event_dict(event: Event) -> dict[str, object]:
    """Return a line of the ledger as plain JSON values.

    Parameters
    ----------
    event : Event
        The line.
    """
    return {
        "event_id": event.event_id,
        "parcel_no": event.parcel_no,
        "kind": event.kind.value,
        "effective_on": event.effective_on.isoformat(),
        "month_only": event.month_only,
        "recorded_at": event.recorded_at.isoformat(),
        "recorded_by": event.recorded_by,
        "source_doc": event.source_doc,
        "area_m2": event.area_m2,
        "park_id": event.park_id,
        "supersedes": event.supersedes,
        "reason": event.reason,
    }


def say(arguments: argparse.Namespace, document: object, words: str) -> None:
    """Print the answer: one JSON document, or words.

    Parameters
    ----------
    arguments : argparse.Namespace
        With ``json``.
    document : object
        The answer as JSON values.
    words : str
        The answer in Chinese.
    """
    print(json.dumps(document, ensure_ascii=False) if arguments.json else words)
