"""The command that makes maps to take along: one HTML file, or a sheet as PNG, PDF or SVG."""

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
    from dongtou_geo.services.map_sheet import MapSheet

PAGE, SHEETS = ".html", (".png", ".pdf", ".svg")
# Below letters cannot be read, above a sheet of A3 takes gigabytes.
DPI = (72, 600)


def add_command(commands: argparse._SubParsersAction[Parser]) -> None:
    """Add the command to the parser.

    Parameters
    ----------
    commands : argparse subparsers
        Of the whole command line.
    """
    parser = commands.add_parser(
        "map", help="出图：单个网页文件（.html）或印刷图（.png .pdf .svg）"
    )
    parser.add_argument("out", metavar="OUT", help=f"输出文件，格式按后缀；{FOLDER_RULE}")
    parser.add_argument("--as-of", type=day, help="截至日期，如 2018-12-31")
    parser.add_argument(
        "--ledger", help="台账：.sqlite 文件的路径，或数据库地址（sqlite:////…），或 sample"
    )
    parser.add_argument("--select", metavar="ID", help="选中并放大：如 park_nantang、parcel:地块号")
    parser.add_argument("--layers", metavar="a,b", help="只显示这些图层，如 coast,parcels,parks")
    parser.add_argument("--paper", choices=("A4", "A3"), help="印刷图的纸张，默认 A4")
    parser.add_argument("--portrait", action="store_true", help="印刷图竖放")
    parser.add_argument("--dpi", type=dots, help="PNG 每英寸点数，默认 300")
    parser.add_argument("--approval-no", help="印刷图的审图号，没有则不印")
    parser.set_defaults(run=run)


def dots(text: str) -> int:
    """Read how fine a PNG is to be.

    Parameters
    ----------
    text : str
        A whole number.

    Raises
    ------
    UsageError
        If it is none, or too small or large for a map.
    """
    least, most = DPI
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        msg = f"--dpi {text} 不合适，应为 {least} 至 {most} 的整数"
        raise UsageError(msg)
    return int(text)


def run(arguments: argparse.Namespace) -> int:
    """Make the map and say where it is.

    Parameters
    ----------
    arguments : argparse.Namespace
        As parsed.

    Returns
    -------
    int
        The exit code.

    Raises
    ------
    DongtouGeoError
        If the words do not fit, the ledger cannot be read or the file cannot be written.
    """
    target = Path(arguments.out)
    _check(arguments, target)
    checked_target(target)
    from dongtou_geo.maps.one_file import checked_layers
    from dongtou_geo.services.map_sheet import checked_selection

    layers = checked_layers(arguments.layers)
    sheet = _sheet(arguments)
    selected = checked_selection(sheet, arguments.select)
    notes: tuple[str, ...] = ()
    if target.suffix.lower() == PAGE:
        from dongtou_geo.maps.one_file import OneFileChoice, write_one_file

        notes = write_one_file(sheet, target, OneFileChoice(selected, layers))
    else:
        from dongtou_geo.maps.printed import DPI as FINE
        from dongtou_geo.maps.printed import PrintChoice, print_map

        choice = PrintChoice(
            paper=arguments.paper or "A4",
            portrait=arguments.portrait,
            dpi=arguments.dpi or FINE,
            selected=selected,
            layers=layers,
            approval_no=arguments.approval_no,
        )
        print_map(sheet, target, choice)
    for note in notes:
        print(note, file=sys.stderr)
    sample = "（示例数据）" if sheet.stamp.sample else ""
    print(f"已出图：{target}，截至 {sheet.as_of}{sample}")
    return 0


def _check(arguments: argparse.Namespace, target: Path) -> None:
    """Refuse another format, and words that mean nothing to this one, before anything is read."""
    suffix = target.suffix.lower()
    if suffix not in (PAGE, *SHEETS):
        known = "、".join((PAGE, *SHEETS))
        msg = f"输出文件“{arguments.out}”的后缀不能出图，应为 {known} 之一"
        raise UsageError(msg)
    given = {
        "--paper": arguments.paper,
        "--portrait": arguments.portrait,
        "--dpi": arguments.dpi,
        "--approval-no": arguments.approval_no,
    }
    meaningless = [
        word
        for word, value in given.items()
        if value and (suffix == PAGE or (word == "--dpi" and suffix != ".png"))
    ]
    if meaningless:
        msg = f"{'、'.join(meaningless)} 不适用于 {suffix} 文件"
        raise UsageError(msg)


def _sheet(arguments: argparse.Namespace) -> MapSheet:
    from dongtou_geo.services.ledger_choice import chosen_ledger
    from dongtou_geo.services.map_sheet import map_sheet

    ledger = chosen_ledger(arguments.ledger, settings.from_environment().ledger_url)
    if ledger is None:
        print(
            "没有台账：各项为未填报；可用 ledger new 新建，或 --ledger sample 查看示例",
            file=sys.stderr,
        )
    return map_sheet(ledger, as_of=arguments.as_of, today=today_here())
