"""A ledger's two homes: tests of what it keeps run in both."""

from pathlib import Path

import pytest

HOMES = ["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test in both homes, unless it looks into the SQLite file itself."""
    if "home" in metafunc.fixturenames:
        homes = HOMES[:1] if "path" in metafunc.fixturenames else HOMES
        metafunc.parametrize("home", homes, indirect=True)


@pytest.fixture
def home(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a place where no ledger is yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    url: str = request.getfixturevalue("postgis_url")
    return url
