"""Which ledger is read: named, else the environment's, else the default file, else none."""

from pathlib import Path

import pytest

from dongtou_geo.errors import LedgerError
from dongtou_geo.services.ledger_choice import Places, chosen_ledger, chosen_url
from dongtou_geo.settings import DEFAULT_LEDGER, SAMPLE_LEDGER
from dongtou_geo.store.address import file_url, sqlite_path
from dongtou_geo.store.ledger import LedgerIdentity
from dongtou_geo.store.opening import create


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A default and a sample ledger that both exist."""
    where = Places(default=tmp_path / "ledger.sqlite", sample=tmp_path / "sample.sqlite")
    create(file_url(where.default), LedgerIdentity("default"))
    create(file_url(where.sample), LedgerIdentity("sample", sample=True))
    return where


@pytest.fixture
def named(tmp_path: Path) -> str:
    url = file_url(tmp_path / "named.sqlite")
    create(url, LedgerIdentity("named"))
    return url


def chosen_id(named: str | None, environment_url: str | None, places: Places) -> str | None:
    ledger = chosen_ledger(named, environment_url, places=places)
    return None if ledger is None else ledger.identity().ledger_id


def test_a_named_ledger_comes_before_the_environments(places: Places, named: str) -> None:
    assert chosen_id(named, file_url(places.default), places) == "named"


def test_the_environments_comes_before_the_default_file(places: Places, named: str) -> None:
    assert chosen_id(None, named, places) == "named"


def test_a_plain_path_names_a_ledger_wherever_an_address_does(places: Places) -> None:
    path = str(places.default)
    assert chosen_id(path, None, places) == chosen_id(None, path, places) == "default"
    assert chosen_url(path, None, places=places) == file_url(places.default)


def test_the_default_file_is_read_where_it_exists(places: Places) -> None:
    assert chosen_id(None, None, places) == "default"


def test_without_a_default_file_there_is_no_ledger_and_never_the_sample(places: Places) -> None:
    places.default.unlink()
    assert chosen_url(None, None, places=places) is None
    assert chosen_ledger(None, None, places=places) is None
    assert not places.default.exists()


def test_a_default_path_that_is_a_folder_is_no_ledger(tmp_path: Path) -> None:
    assert chosen_url(None, None, places=Places(default=tmp_path, sample=tmp_path)) is None


def test_the_word_sample_names_the_sample(places: Places, named: str) -> None:
    assert chosen_id("sample", named, places) == "sample"


def test_a_named_ledger_that_is_missing_is_an_error_and_not_another_ledger(
    places: Places, tmp_path: Path
) -> None:
    missing = tmp_path / "missing.sqlite"
    for choice in ((file_url(missing), None), (None, file_url(missing))):
        with pytest.raises(LedgerError, match="不存在") as refused:
            chosen_ledger(*choice, places=places)
        assert str(missing) in str(refused.value)
    assert not missing.exists()


def test_a_sample_that_was_not_made_yet_says_how_to_make_it(places: Places) -> None:
    places.sample.unlink()
    with pytest.raises(LedgerError, match="sample"):
        chosen_ledger("sample", None, places=places)


def test_the_places_are_those_of_the_settings() -> None:
    assert Places() == Places(default=DEFAULT_LEDGER, sample=SAMPLE_LEDGER)


@pytest.mark.parametrize(
    "name",
    ["ledger.sqlite", "台账 (1).sqlite", "a#b@c&d=e.sqlite", "100%25.sqlite", "what?.sqlite"],
)
def test_a_files_address_leads_back_to_the_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / "洞头 区" / name
    assert sqlite_path(file_url(path)) == path


def test_a_relative_file_is_made_absolute() -> None:
    assert sqlite_path(file_url(Path("a.sqlite"))) == Path.cwd() / "a.sqlite"
