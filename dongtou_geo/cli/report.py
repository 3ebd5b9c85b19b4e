"""The command that makes papers: the briefing as an editable deck, or its sheets as PDF or PNG."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dongtou_geo import settings
from dongtou_geo.cli.target import FOLDER_RULE, checked_target
from dongtou_geo.cli.words import Parser, day, today_here
from dongtou_geo.errors import UsageError

if TYPE_CHECKING:
    from dongtou_geo.services.briefing_sheet import Briefing
    from dongtou_geo.store.ledger import Ledger

DECK, PDF = ".pptx", ".pdf"


def add_command(commands: argparse._SubParsersAction[Parser]) -> None:
    """Add the command to the parser.

    Parameters
    ----------
    commands : argparse subparsers
        Of the whole command line.
    """
    report = commands.add_parser("report", help="汇报材料：deck 演示文稿，sheets 各页的 PDF 或图片")
    kinds = report.add_subparsers(required=True, metavar="种类", parser_class=Parser)
    for name, words, out, run in (
        ("deck", "汇报演示文稿，图表可编辑", f"新文件，.pptx；{FOLDER_RULE}", _deck),
        ("sheets", "汇报各页", f"新文件 .pdf，或放图片的文件夹（可新建）；{FOLDER_RULE}", _sheets),
    ):
        kind = kinds.add_parser(name, help=words)
        kind.add_argument("out", type=Path, metavar="OUT", help=out)
        kind.add_argument("--as-of", type=day, help="截至日期，如 2018-12-31")
        kind.add_argument(
            "--ledger", help="台账：.sqlite 文件的路径，或数据库地址（sqlite:////…），或 sample"
        )
        kind.set_defaults(run=run)


def _deck(arguments: argparse.Namespace) -> int:
    out: Path = arguments.out
    if out.suffix.lower() != DECK:
        msg = f"输出文件“{out}”的后缀不合适，演示文稿应为 {DECK}"
        raise UsageError(msg)
    checked_target(out)
    from dongtou_geo.maps.briefing_map import picture_maker
    from dongtou_geo.reports.deck import deck

    told, ledger = _told(arguments)
    _put(out, deck(told, picture_maker(ledger, told.as_of)))
    return _said(told, out)


def _sheets(arguments: argparse.Namespace) -> int:
    out: Path = arguments.out
    if out.suffix and out.suffix.lower() != PDF and not out.is_dir():
        msg = f"输出“{out}”不合适，应为 {PDF} 文件，或放图片的文件夹"
        raise UsageError(msg)
    pictures = out.suffix.lower() != PDF
    checked_target(out, folder=pictures)
    from dongtou_geo.maps.briefing_map import press_parts
    from dongtou_geo.reports.paper import Press, sheet_png, sheets_pdf

    told, ledger = _told(arguments)
    press = Press(*press_parts(ledger, told.as_of))
    if not pictures:
        _put(out, sheets_pdf(told, press))
    else:
        _make_folder(out)
        for number, sheet in enumerate(told.sheets, start=1):
            _put(
                out / f"{number:02}-{sheet.name.replace('/', '-')}.png",
                sheet_png(told, sheet, press),
            )
    return _said(told, out)


def _make_folder(out: Path) -> None:
    from dongtou_geo.formats.exporting import unwritable

    try:
        out.mkdir(exist_ok=True)
    except OSError as error:
        raise unwritable(out, error) from error


def _told(arguments: argparse.Namespace) -> tuple[Briefing, Ledger | None]:
    from dongtou_geo.services.briefing import briefing
    from dongtou_geo.services.dossier import load_atlas
    from dongtou_geo.services.ledger_choice import chosen_ledger
    from dongtou_geo.services.progress import ledger_view

    ledger = chosen_ledger(arguments.ledger, settings.from_environment().ledger_url)
    if ledger is None:
        print(
            "没有台账：各项为未填报；可用 ledger new 新建，或 --ledger sample 查看示例",
            file=sys.stderr,
        )
    view = ledger_view(ledger)
    until = view.stamp.data_until if view.stamp.sample else None
    as_of = arguments.as_of or until or today_here()
    return briefing(load_atlas(), view, as_of), ledger


def _put(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: half a deck must not lie where the last one was."""
    from dongtou_geo.formats.exporting import published

    with published(path, overwrite=True) as part:
        part.write_bytes(content)


def _said(told: Briefing, out: Path) -> int:
    sample = "（示例数据）" if told.stamp.sample else ""
    print(f"已生成：{out}，{len(told.sheets)} 页，截至 {told.as_of}{sample}")
    return 0
