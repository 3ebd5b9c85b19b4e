"""What a skip means: some tests need a program; in CI no test may be skipped at all."""

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any, TypeVar

import pytest

import start

# Fixtures that more than one folder asks for.
pytest_plugins = ("tests.postgis.server",)
NEEDS = {
    "browser": (start.find_browser, "未找到 Chromium / no Chromium found"),
    "postgis": (start.find_postgis, "未找到 PostgreSQL + PostGIS / no PostgreSQL with PostGIS"),
}
NO_SKIP = os.environ.get("DONGTOU_GEO_NO_SKIP") == "1"
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip tests whose browser or server is not found."""
    machine = start.Machine(Path.cwd())
    for marker, (find, reason) in NEEDS.items():
        if not find(machine):
            for item in items:
                if item.get_closest_marker(marker):
                    item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Refuse skips in tests and fixtures."""
    return _refuse_skip((yield))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Refuse skips of whole modules."""
    return _refuse_skip((yield))


def _refuse_skip(report: Report) -> Report:
    """Turn a skip into a failure where skips are not allowed; an expected failure stays one."""
    if NO_SKIP and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"a skip is a failure here (DONGTOU_GEO_NO_SKIP=1): {report.longrepr}"
    return report
