"""What a skip means: browser tests need a Chromium; in CI no test may be skipped at all."""

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any, TypeVar

import pytest

import start

NO_SKIP = os.environ.get("DONGTOU_GEO_NO_SKIP") == "1"
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip browser tests where no browser is found."""
    if start.find_browser(start.Machine(Path.cwd())):
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="未找到 Chromium / no Chromium found"))


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
