"""Commands ``ledger import``, ``ledger export`` and ``ledger template``."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dongtou_geo.cli.ledger_arguments import clerk_of, ledger_of, say, verb
from dongtou_geo.cli.target import FOLDER_RULE, checked_target
from dongtou_geo.cli.words import Parser, day, today_here
from dongtou_geo.errors import DongtouGeoError, UsageError

if TYPE_CHECKING:
    from dongtou_geo.services.intake.choices import Choices
    from dongtou_geo.services.intake.examine import Examined

FINDING = 1
MOST_TOLD = 50
FORMATS = ".gpkg .shp.zip .geojson .dxf .kml .xlsx .csv .txt"


def add_commands(verbs: argparse._SubParsersAction[Parser]) -> None:
    """Add the verbs to the parser.

    Parameters
    ----------
    verbs : argparse subparsers
        Of ``ledger``.
    """
    bring = verb(verbs, "import", "导入一个文件，如 ledger import 南塘.xlsx --park park_nantang")
    bring.add_argument("file", type=Path, help="收到的文件")
    bring.add_argument("--layer", help="图层或工作表")
    bring.add_argument("--crs", default="auto", help="坐标系，如 EPSG:4549；默认自动判断并说明理由")
    bring.add_argument("--encoding", default="auto", help="文字编码，如 GB18030；默认自动判断")
    bring.add_argument("--map", action="append", metavar="字段=列", help="列的对应，可多次")
    bring.add_argument("--park", help="全部地块所属园区")
    bring.add_argument("--registered-on", type=day, help="无日期地块的登记日；默认今天")
    bring.add_argument("--dry-run", action="store_true", help="只检查，不写入")
    bring.add_argument("--partial", action="store_true", help="有被拒绝的行时，其余照写")
    bring.add_argument("--by", help="经办人；默认为当前登录名")
    bring.set_defaults(run=_import)
    send = verb(verbs, "export", "导出台账，格式按后缀，如 ledger export 台账.gpkg")
    send.add_argument("out", type=Path, help=f"{FORMATS}；{FOLDER_RULE}")
    send.add_argument("--as-of", type=day, help="截至日期；默认今天")
    send.add_argument("--zh", action="store_true", help="用模板的中文列名")
    send.add_argument("--force", action="store_true", help="取代已有的文件")
    send.set_defaults(run=_export)
    form = verbs.add_parser("template", help="生成填报模板（Excel）")
    form.add_argument("out", type=Path, help=f"新文件；{FOLDER_RULE}")
    form.add_argument("--json", action="store_true", help="输出一个 JSON 文档")
    form.set_defaults(run=_template)


def _import(arguments: argparse.Namespace) -> int:
    from dongtou_geo.formats.limits import limits_from
    from dongtou_geo.services.intake.examine import examine
    from dongtou_geo.services.intake.ground import ground
    from dongtou_geo.services.intake.report import refused_document

    clerk = clerk_of(arguments)
    ledger, choices, limits = ledger_of(arguments), _choices(arguments), limits_from(os.environ)
    try:
        examined = examine(
            arguments.file, ledger, choices, ground(), datetime.now(UTC), limits=limits
        )
        return _finished(arguments, examined, clerk.name)
    except DongtouGeoError as error:
        if arguments.json:
            say(arguments, refused_document(arguments.file.name, None, error), "")
        raise


def _choices(arguments: argparse.Namespace) -> Choices:
    from dongtou_geo.services.intake.choices import Choices

    columns = {}
    for words in arguments.map or []:
        name, equals, column = words.partition("=")
        if not equals:
            msg = f"“{words}”无法识别，应形如 produced_on=投产时间"
            raise UsageError(msg)
        columns[name.strip()] = column
    return Choices(
        layer=arguments.layer,
        crs=arguments.crs,
        encoding=arguments.encoding,
        columns=columns,
        park_id=arguments.park,
        registered_on=arguments.registered_on,
    )


def _finished(arguments: argparse.Namespace, examined: Examined, clerk: str) -> int:
    """Write what may be written, and say what was done and what was not."""
    from dongtou_geo.services.intake.apply import apply
    from dongtou_geo.services.intake.report import document, sentences

    rejected = bool(examined.rejected.any())
    import_id = None
    if not arguments.dry_run and (arguments.partial or not rejected):
        import_id = apply(ledger_of(arguments), examined, clerk, datetime.now(UTC))
    lines = [*sentences(examined), *_told(examined)]
    if import_id is not None:
        lines.append(f"已入库，导入编号 {import_id}；可用 ledger undo {import_id} 整批撤销")
    elif arguments.dry_run:
        lines.append("只检查，没有写入")
    elif rejected and not arguments.partial:
        lines.append("有被拒绝的行，没有写入；改正后重来，或用 --partial 只写可入库的行")
    else:
        lines.append("没有变化，没有写入")
    say(arguments, document(examined, import_id, applied=import_id is not None), "\n".join(lines))
    if rejected:
        print(f"{int(examined.rejected.sum())} 行被拒绝", file=sys.stderr)
    return FINDING if rejected else 0


def _told(examined: Examined) -> list[str]:
    lines = []
    for problem in examined.problems[:MOST_TOLD]:
        where = problem.cell or (f"第 {problem.row} 行" if problem.row is not None else "文件")
        who = f" {problem.parcel_no}" if problem.parcel_no else ""
        lines.append(f"{problem.severity.label} {where}{who} {problem.message}（{problem.code}）")
    more = len(examined.problems) - len(lines)
    return [*lines, f"另有 {more} 条，用 --json 查看全部"] if more else lines


def _export(arguments: argparse.Namespace) -> int:
    checked_target(arguments.out)
    from dongtou_geo.services.intake.ground import ground
    from dongtou_geo.services.ledger_export import outgoing
    from dongtou_geo.services.ledger_files import Order, write_ledger

    going = outgoing(ledger_of(arguments), arguments.as_of or today_here())
    names = ground().park_names
    order = Order(going, arguments.out, arguments.zh, names, overwrite=arguments.force)
    written = write_ledger(order)
    document = {
        "file": str(arguments.out),
        "as_of": going.as_of.isoformat(),
        "sample": going.stamp.sample,
        "ledger_version": going.stamp.ledger_version,
        "rows": written.rows,
        "left_out": list(written.left_out),
    }
    left = f"；{len(written.left_out)} 宗未落图，此格式放不下" if written.left_out else ""
    words = f"已导出 {written.rows} 宗到 {arguments.out}，截至 {going.as_of}{left}"
    sample = "示例台账：" if going.stamp.sample else ""
    say(arguments, document, sample + words)
    return 0


def _template(arguments: argparse.Namespace) -> int:
    checked_target(arguments.out)
    from dongtou_geo.formats.template import write_template
    from dongtou_geo.services.intake.ground import ground

    write_template(arguments.out, ground().park_names)
    say(arguments, {"file": str(arguments.out)}, f"填报模板已生成：{arguments.out}")
    return 0
