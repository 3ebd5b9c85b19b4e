"""The command line: parse, call, print. Exit 0 success, 1 a finding, 2 wrong usage."""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time

from dongtou_geo import __version__, settings
from dongtou_geo.domain.day import SHANGHAI, day_here, parse_day
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
            stream.reconfigure(encoding="utf-8")
    try:
        arguments = _parser().parse_args(argv)
        run: Callable[[argparse.Namespace], int] = arguments.run
        return run(arguments)
    except UsageError as error:
        print(error, file=sys.stderr)
        return USAGE
    except DongtouGeoError as error:
        print(error, file=sys.stderr)
        return FINDING
    except BrokenPipeError:
        return 0


class _Parser(argparse.ArgumentParser):
    """argparse with one line on stderr: the contract has no usage dump."""

    def error(self, message: str) -> None:  # type: ignore[override] # raises instead of exiting
        """Raise what is wrong with the words."""
        msg = f"用法错误：{message}；用 --help 查看说明"
        raise UsageError(msg)


def _parser() -> _Parser:
    parser = _Parser(prog="dongtou-geo", description="洞头产业空间一张图")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="命令", parser_class=_Parser)
    check = commands.add_parser("check", help="检查 geodata/ 与 layers/")
    check.add_argument("--json", action="store_true", help="输出一个 JSON 文档")
    check.set_defaults(run=_check)
    progress = commands.add_parser("progress", help="各平台投产土地与规划目标")
    progress.add_argument("--as-of", type=_day, help="截至日期，如 2018-12-31")
    progress.add_argument(
        "--known-at", type=_moment, help="按当时所知，如 2024-03-31 或 2024-03-31T09:00+08:00"
    )
    progress.add_argument("--by", choices=("park", "zone"), default="park", help="按平台或片区")
    progress.add_argument("--ledger", help="台账地址（SQLAlchemy URL），或 sample")
    progress.add_argument("--json", action="store_true", help="输出一个 JSON 文档")
    progress.set_defaults(run=_progress)
    sample = commands.add_parser("sample", help="生成示例台账 data/sample.sqlite")
    sample.set_defaults(run=_sample)
    _ledger_commands(commands.add_parser("ledger", help="台账"))
    serve = commands.add_parser("serve", help="打开应用")
    serve.add_argument("--host", default=None, help="只允许本机地址")
    serve.add_argument("--port", type=int, default=None, help="端口，默认 8501")
    serve.set_defaults(run=_serve)
    return parser


def _ledger_commands(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(required=True, metavar="动作", parser_class=_Parser)
    new = verbs.add_parser("new", help="新建空台账")
    new.add_argument("--ledger", help="台账地址；默认 data/ledger.sqlite")
    new.set_defaults(run=_ledger_new)


def _day(text: str) -> date:
    day, today = parse_day(text), day_here(datetime.now(UTC))
    if day is None:
        msg = f"日期“{text}”无法识别，应形如 2018-12-31"
        raise UsageError(msg)
    if day > today:
        msg = f"日期 {day} 晚于今天，应不晚于 {today}"
        raise UsageError(msg)
    return day


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        msg = f"时刻“{text}”无法识别，应形如 2024-03-31 或 2024-03-31T09:00+08:00"
        raise UsageError(msg) from None
    if moment.tzinfo is None:
        # A bare day means all of it, as staff count days here.
        clock = time.max if len(text) == len("2024-03-31") else moment.time()
        moment = datetime.combine(moment.date(), clock, SHANGHAI)
    if day_here(moment) > day_here(datetime.now(UTC)):
        msg = f"时刻 {text} 晚于今天"
        raise UsageError(msg)
    return moment


def _check(arguments: argparse.Namespace) -> int:
    from dongtou_geo.domain.problem import Severity
    from dongtou_geo.services.check import check_all

    problems = check_all(geodata=settings.GEODATA, layers=settings.LAYERS)
    if arguments.json:
        print(json.dumps([problem.as_dict() for problem in problems], ensure_ascii=False))
    else:
        for problem in problems:
            print(f"{problem.severity.label} {problem.code} {problem.message}")
        print(f"共 {len(problems)} 条" if problems else "检查通过，没有问题")
    return FINDING if any(p.severity is Severity.ERROR for p in problems) else 0


def _progress(arguments: argparse.Namespace) -> int:
    from dongtou_geo.services.ledger_choice import chosen_ledger
    from dongtou_geo.services.progress import ledger_view, plan_book, progress

    ledger = chosen_ledger(arguments.ledger, settings.from_environment().ledger_url)
    if ledger is None:
        print(
            "没有台账：各项为未填报；可用 ledger new 新建，或 --ledger sample 查看示例",
            file=sys.stderr,
        )
    view = ledger_view(ledger, known_at=arguments.known_at)
    until = view.stamp.data_until if view.stamp.sample else None
    as_of = arguments.as_of or until or day_here(datetime.now(UTC))
    rows = progress(plan_book(), view, as_of=as_of, by=arguments.by)
    if arguments.json:
        print(json.dumps([row.as_dict() for row in rows], ensure_ascii=False))
        return 0
    print(f"截至 {as_of}" + ("（示例数据）" if view.stamp.sample else ""))
    for row in rows:
        rate = "未填报" if row.rate is None else f"{row.rate:.1%}"
        planned = "—" if row.planned_mu is None else f"{row.planned_mu:.1f}"
        print(
            f"{row.name}：投产率（规划口径）{rate}，已录入 {row.recorded_mu:.1f} / 规划 {planned} 亩，{row.verdict.label}"
        )
    return 0


def _sample(_arguments: argparse.Namespace) -> int:
    from dongtou_geo.services.sample import make_sample

    make_sample(settings.SAMPLE_LEDGER)
    print(f"示例台账已生成：{settings.SAMPLE_LEDGER}")
    return 0


def _ledger_new(arguments: argparse.Namespace) -> int:
    from dongtou_geo.services.ledger_choice import SAMPLE_WORD
    from dongtou_geo.store.address import file_url, shown
    from dongtou_geo.store.ledger import create

    named = arguments.ledger or settings.from_environment().ledger_url
    if named == SAMPLE_WORD:
        msg = "示例台账由 sample 命令生成，不能用 ledger new 新建"
        raise UsageError(msg)
    url = named or file_url(settings.DEFAULT_LEDGER)
    create(url)
    print(f"空台账已建立：{shown(url)}")
    return 0


def _serve(arguments: argparse.Namespace) -> int:
    from dongtou_geo.services.serving import serve

    chosen = settings.from_environment()
    host = settings.checked_host(arguments.host or chosen.host)
    serve(host=host, port=arguments.port or chosen.port, prefix=chosen.prefix)
    return 0
