"""Commands about the plan and the app: check, progress, sample, serve."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

from dongtou_geo import settings
from dongtou_geo.cli.words import Parser, day, moment, moment_shown, today_here

if TYPE_CHECKING:
    from datetime import datetime

    from dongtou_geo.domain.progress import Progress

FINDING = 1


def add_commands(commands: argparse._SubParsersAction[Parser]) -> None:
    """Add the commands to the parser.

    Parameters
    ----------
    commands : argparse subparsers
        Of the whole command line.
    """
    check = commands.add_parser("check", help="检查 geodata/ 与 layers/")
    check.add_argument("--json", action="store_true", help="输出一个 JSON 文档")
    check.set_defaults(run=_check)
    progress = commands.add_parser("progress", help="各平台投产土地与规划目标")
    progress.add_argument("--as-of", type=day, help="截至日期，如 2018-12-31")
    progress.add_argument(
        "--known-at", type=moment, help="按当时所知，如 2024-03-31 或 2024-03-31T09:00+08:00"
    )
    progress.add_argument("--by", choices=("park", "zone"), default="park", help="按平台或片区")
    progress.add_argument(
        "--ledger", help="台账：.sqlite 文件的路径，或数据库地址（sqlite:////…），或 sample"
    )
    progress.add_argument("--json", action="store_true", help="输出一个 JSON 文档")
    progress.set_defaults(run=_progress)
    sample = commands.add_parser("sample", help="生成示例台账 data/sample.sqlite")
    sample.set_defaults(run=_sample)
    serve = commands.add_parser("serve", help="打开应用")
    serve.add_argument("--host", type=settings.checked_host, help="只允许本机地址")
    serve.add_argument("--port", type=settings.checked_port, help="端口，默认 8501")
    serve.set_defaults(run=_serve)


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
    from dongtou_geo.services.progress import plan_book, progress_of

    ledger = chosen_ledger(arguments.ledger, settings.from_environment().ledger_url)
    if ledger is None:
        print(
            "没有台账：各项为未填报；可用 ledger new 新建，或 --ledger sample 查看示例",
            file=sys.stderr,
        )
    rows = progress_of(
        ledger,
        plan_book(),
        as_of=arguments.as_of,
        today=today_here(),
        known_at=arguments.known_at,
        by=arguments.by,
    )
    if arguments.json:
        print(json.dumps([row.as_dict() for row in rows], ensure_ascii=False))
        return 0
    print(_header(rows[0], arguments.known_at))
    for row in rows:
        print(_line(row))
    return 0


def _header(row: Progress, known_at: datetime | None) -> str:
    known = "" if known_at is None else f"，按 {moment_shown(known_at)} 所知"
    return f"截至 {row.as_of}{known}{'（示例数据）' if row.sample else ''}"


def _line(row: Progress) -> str:
    if row.planned_mu is None:
        # No plan figure, no rate: that is not unreported.
        rate, planned = "—", "—"
    else:
        rate = "未填报" if row.rate is None else f"{row.rate:.1%}"
        planned = f"{row.planned_mu:.1f}"
    return (
        f"{row.name}：投产率（规划口径）{rate}，"
        f"已录入 {row.recorded_mu:.1f} / 规划 {planned} 亩，{row.verdict.label}"
    )


def _sample(_arguments: argparse.Namespace) -> int:
    from dongtou_geo.services.sample import make_sample

    make_sample(settings.SAMPLE_LEDGER)
    print(f"示例台账已生成：{settings.SAMPLE_LEDGER}")
    return 0


def _serve(arguments: argparse.Namespace) -> int:
    from dongtou_geo.services.serving import serve

    chosen = settings.from_environment()
    serve(
        host=arguments.host or chosen.host,
        port=arguments.port or chosen.port,
        prefix=chosen.prefix,
        ledger_url=chosen.ledger_url,
    )
    return 0
