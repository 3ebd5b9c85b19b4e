"""A ledger's address: a plain path or a URL, and what is said of one that is neither."""

import os
from pathlib import Path

import pytest

from dongtou_geo.errors import LedgerError
from dongtou_geo.settings import is_foreign_path, ledger_file
from dongtou_geo.store.address import file_url, ledger_url, parsed, shown, sqlite_path
from dongtou_geo.store.opening import create, open_ledger

NAMES = ("ledger.sqlite", "台账 (1).sqlite3", "a#b@c&d=e.SQLITE", "100%25.db", "what?.sqlite")
on_posix = pytest.mark.skipif(os.name == "nt", reason="a drive is a path there")


@pytest.mark.parametrize("name", NAMES)
def test_a_plain_path_means_that_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / "洞头 区" / name
    assert sqlite_path(str(path)) == path
    assert ledger_url(str(path)) == file_url(path)
    assert shown(str(path)) == str(path)


def test_a_plain_path_opens_the_ledger_that_its_url_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = create(str(tmp_path / "台账.sqlite"))
    monkeypatch.chdir(tmp_path)
    for address in ("台账.sqlite", "./台账.sqlite", file_url(tmp_path / "台账.sqlite")):
        assert open_ledger(address).identity() == made.identity()


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////data/ledger.sqlite",
        "sqlite:///C:/data/ledger.sqlite",
        "postgresql+psycopg://u:p@localhost/x.db",
        "sqlite:/data/ledger.sqlite",
        "sqlite:ledger.sqlite",
        "sample",
        "ledger",
        "",
    ],
)
def test_what_is_a_url_or_no_file_stays_as_it_is(url: str) -> None:
    assert ledger_file(url) is None
    assert ledger_url(url) == url


@pytest.mark.parametrize(
    "address", ["nonsense", "ledger.txt", "sqlite:/data/x.sqlite", "/data/ledger", "http:x.sqlite"]
)
def test_a_wrong_address_is_told_both_right_forms(address: str) -> None:
    with pytest.raises(LedgerError) as refused:
        parsed(address)
    words = str(refused.value)
    assert f"“{address}”" in words
    assert "文件路径，如 /data/ledger.sqlite 或 C:\\data\\ledger.sqlite" in words
    assert "数据库地址，如 sqlite:////data/ledger.sqlite" in words


@on_posix
@pytest.mark.parametrize(
    "address", ["C:\\x\\y.sqlite", "c:/x/y.sqlite", r"\\server\share\ledger.sqlite"]
)
def test_a_windows_path_makes_no_file_of_that_name_elsewhere(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert is_foreign_path(address)
    with pytest.raises(LedgerError, match="Windows") as refused:
        create(address)
    assert "sqlite:////data/ledger.sqlite" in str(refused.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("address", ["C:\\x\\y.sqlite", r"\\server\share\ledger.sqlite"])
def test_a_windows_path_is_at_home_on_windows(address: str) -> None:
    assert is_foreign_path(address, windows=False)
    assert not is_foreign_path(address, windows=True)
    assert ledger_file(address) == Path(address)
