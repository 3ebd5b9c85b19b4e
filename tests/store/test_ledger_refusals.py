"""What is no ledger, or no place for one: refused by name in Chinese, and left as it was."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dongtou_geo.errors import LedgerError
from dongtou_geo.store.address import shown, sqlite_path
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create, open_ledger
from dongtou_geo.store.schema import SCHEMA_VERSION


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


def raw(path: Path, *statements: str) -> None:
    """Run SQL as an outsider would, past the program."""
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def snapshot(folder: Path) -> dict[str, bytes | None]:
    """Every path under a folder with its bytes; None for a folder."""
    return {str(p): p.read_bytes() if p.is_file() else None for p in sorted(folder.rglob("*"))}


def refusal(url: str) -> str:
    """The message with which opening and reading a ledger is refused."""
    with pytest.raises(LedgerError) as refused:
        open_ledger(url).events()
    return checked(refused.value)


def checked(error: LedgerError) -> str:
    """A message is one line with Chinese in it."""
    message = str(error)
    assert "\n" not in message
    assert any("\u4e00" <= sign <= "\u9fff" for sign in message)
    return message


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def ledger(path: Path) -> Ledger:
    return create(url_of(path))


@pytest.mark.parametrize("content", [None, b"", b"minutes of a meeting"])
def test_create_refuses_what_exists_and_leaves_it_alone(path: Path, content: bytes | None) -> None:
    if content is None:
        create(url_of(path))
    else:
        path.write_bytes(content)
    before = snapshot(path.parent)
    with pytest.raises(LedgerError, match="已存在") as refused:
        create(url_of(path))
    assert str(path) in checked(refused.value)
    assert snapshot(path.parent) == before


def test_create_refuses_a_folder(tmp_path: Path) -> None:
    with pytest.raises(LedgerError) as refused:
        create(url_of(tmp_path))
    assert str(tmp_path) in checked(refused.value)


def test_a_file_where_a_parent_folder_should_be_is_not_called_an_existing_ledger(
    tmp_path: Path,
) -> None:
    (tmp_path / "notes.txt").write_text("x")
    before = snapshot(tmp_path)
    with pytest.raises(LedgerError, match="无法建立") as refused:
        create(url_of(tmp_path / "notes.txt" / "ledger.sqlite"))
    assert "notes.txt" in checked(refused.value)
    assert snapshot(tmp_path) == before


def test_a_driver_that_is_missing_leaves_no_file_behind(path: Path) -> None:
    with pytest.raises(LedgerError) as refused:
        create(f"sqlite+nodriver:///{path}")
    assert str(path) in checked(refused.value)
    assert not path.exists()


# Opening


def test_a_missing_ledger_is_named_and_nothing_is_made(tmp_path: Path) -> None:
    missing = tmp_path / "data" / "ledger.sqlite"
    message = refusal(url_of(missing))
    assert str(missing) in message
    assert "不存在" in message
    assert list(tmp_path.iterdir()) == []


def test_a_ledger_that_vanished_while_open_is_refused_and_not_made_anew(
    ledger: Ledger, path: Path
) -> None:
    path.unlink()
    for use in (ledger.events, ledger.stamp, lambda: ledger.append([], [])):
        with pytest.raises(LedgerError) as refused:
            use()
        assert str(path) in checked(refused.value)
    assert not path.exists()


def test_a_folder_is_no_ledger(tmp_path: Path) -> None:
    assert str(tmp_path) in refusal(url_of(tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content", [b"", b"junk" * 5_000, b"SQLite format 3\x00" + b"\xff" * 5_000]
)
def test_a_file_that_is_no_ledger_is_named_and_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert str(path) in refusal(url_of(path))
    assert snapshot(path.parent) == {str(path): content}


@pytest.mark.parametrize(
    "table", ["other (a TEXT)", "meta (key TEXT, value TEXT)", "meta (a TEXT)"]
)
def test_another_programs_database_is_named_and_left_alone(path: Path, table: str) -> None:
    raw(path, f"CREATE TABLE {table}")
    before = snapshot(path.parent)
    assert str(path) in refusal(url_of(path))
    assert snapshot(path.parent) == before


def test_a_chinese_file_name_is_shown_as_it_is(tmp_path: Path) -> None:
    named = tmp_path / "洞头 台账.sqlite"
    named.write_bytes(b"junk" * 5_000)
    assert str(named) in refusal(url_of(named))


def test_a_truncated_ledger_is_refused(ledger: Ledger, path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 3])
    assert str(path) in refusal(url_of(path))


def test_a_ledger_of_a_newer_version_is_refused_with_both_versions(
    ledger: Ledger, path: Path
) -> None:
    raw(path, "UPDATE meta SET value = '99' WHERE key = 'schema_version'")
    before = path.read_bytes()
    message = refusal(ledger.url)
    supported = f"支持到 {SCHEMA_VERSION}"
    assert all(part in message for part in (str(path), "结构版本 99", supported, "更新的版本"))
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM meta WHERE key = 'schema_version'",
        "UPDATE meta SET value = 'one' WHERE key = 'schema_version'",
        "INSERT INTO meta VALUES ('data_until', 'yesterday')",
    ],
)
def test_a_damaged_identity_is_refused(ledger: Ledger, path: Path, damage: str) -> None:
    raw(path, damage)
    assert str(path) in refusal(ledger.url)


@pytest.mark.parametrize(
    "url",
    ["", "ledger.txt", "sqlite://", "sqlite:///", "sqlite:///:memory:", "nosuch://host/name"],
)
def test_an_address_that_cannot_be_used_is_named(url: str) -> None:
    assert f"“{url}”" in refusal(url)
    with pytest.raises(LedgerError):
        create(url)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+nosuch://clerk:geheim@host/ledger",
        "nosuch://clerk:geheim@host/ledger",
        "postgresql+nosuch://clerk@host/ledger?password=geheim",
        "postgresql+nosuch://clerk:geheim@host:port/ledger",  # the port is no number
        "postgresql+nosuch://clerk:x@geheim@host/ledger",  # an @ that is not written %40
        "sqlite://clerk:geheim@host",
        "postgresql+nosuch//clerk:geheim@host/ledger",  # the colon is missing
        "postgresql+nosuch:/clerk:geheim@host/ledger",
        "postgresql+nosuch:clerk:geheim@host/ledger",
    ],
)
def test_a_refused_address_never_shows_its_password(url: str) -> None:
    for use in (open_ledger, create, sqlite_path, shown):
        try:
            text = str(use(url))
        except LedgerError as refused:
            text = checked(refused)
        assert "geheim" not in text
