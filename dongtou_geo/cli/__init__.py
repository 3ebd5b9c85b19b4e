"""The command line: parse, call, print. Exit 0 success, 1 a finding, 2 wrong usage."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

from dongtou_geo import __version__
from dongtou_geo.cli import ledger, plan
from dongtou_geo.cli.map import add_command as add_map_command
from dongtou_geo.cli.report import add_command as add_report_command
from dongtou_geo.cli.words import Parser
from dongtou_geo.domain.os_words import os_words
from dongtou_geo.errors import DongtouGeoError, UsageError

FINDING, USAGE = 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv : sequence of str, optional
        Words after the program's name; ``sys.argv`` by default.

    Returns
    -------
    int
        The exit code.
    """
    for stream in (sys.stdout, sys.stderr):
        # A Chinese Windows console is GBK: what we print is UTF-8 whatever the console says.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        try:
            return _run(argv)
        finally:
            # A full disk speaks up here and not when Python has left.
            if sys.stdout is not None:
                sys.stdout.flush()
    except BrokenPipeError:
        _hush()
        return 0
    except OSError as error:
        _hush()
        _complain(f"读写失败：{error.filename or '输出'}（{os_words(error)}）")
        return FINDING


def _run(argv: Sequence[str] | None) -> int:
    try:
        arguments = _parser().parse_args(argv)
        run: Callable[[argparse.Namespace], int] = arguments.run
        return run(arguments)
    except UsageError as error:
        _complain(error)
        return USAGE
    except DongtouGeoError as error:
        _complain(error)
        return FINDING


def _complain(words: object) -> None:
    """Say what is wrong in one line; where nobody can hear it the exit code must do."""
    with suppress(OSError):
        print(" ".join(str(words).split("\n")), file=sys.stderr, flush=True)


def _hush() -> None:
    """Let what could not be printed go, or Python would try again as it leaves."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())


def _parser() -> Parser:
    parser = Parser(prog="dongtou-geo", description="洞头产业空间一张图")
    parser.add_argument("--version", action="version", version=__version__, help="显示版本号")
    commands = parser.add_subparsers(required=True, metavar="命令", parser_class=Parser)
    plan.add_commands(commands)
    add_map_command(commands)
    add_report_command(commands)
    verbs = commands.add_parser("ledger", help="地块台账")
    ledger.add_commands(verbs.add_subparsers(required=True, metavar="动作", parser_class=Parser))
    return parser
