"""Ledgers for reports: the sample, and one in which nothing is recorded."""

import pytest

from dongtou_geo.services.sample import make_sample
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger, LedgerIdentity
from dongtou_geo.store.opening import create, open_ledger


@pytest.fixture(scope="package")
def sample_ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    path = tmp_path_factory.mktemp("report_ledger") / "sample.sqlite"
    make_sample(path)
    return open_ledger(file_url(path))


@pytest.fixture(scope="package")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    path = tmp_path_factory.mktemp("report_ledger") / "empty.sqlite"
    return create(file_url(path), LedgerIdentity("leer"))
