"""Many parcels at once: the very rows that one by one would have written."""

from collections.abc import Callable, Iterator
from shutil import copyfile
from uuid import uuid4

import pytest
from hypothesis import given, settings

from dongtou_geo.errors import DongtouGeoError
from dongtou_geo.store import bulk, upkeep
from dongtou_geo.store.ledger import Ledger, LedgerIdentity
from dongtou_geo.store.opening import create, open_ledger
from tests.postgis.server import PostgisServer
from tests.store.lives import Life, as_columns, as_objects, lives
from tests.store.small_office import contents

Fresh = Callable[[], Ledger]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Fresh:
    """A maker of empty ledgers: copies of one, which is quicker than new ones."""
    folder = tmp_path_factory.mktemp("bulk")
    create(f"sqlite:///{folder / 'empty'}", LedgerIdentity("abc"))

    def made() -> Ledger:
        path = folder / uuid4().hex
        copyfile(folder / "empty", path)
        return open_ledger(f"sqlite:///{path}")

    return made


@pytest.fixture(autouse=True)
def small_portions() -> Iterator[None]:
    """Portions that a few parcels fill, and a file that is prepared for a few lines."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "PARCELS_AT_A_TIME", 3)
        patch.setattr(bulk, "_MANY", 4)
        yield


@pytest.fixture
def ledger(home: str) -> Ledger:
    return create(home, LedgerIdentity("abc"))


def at_once(ledger: Ledger, found: list[Life], **given_columns: object) -> int:
    with ledger.writing() as writer:
        return writer.add_lives(as_columns(found, **given_columns))


def one_by_one(ledger: Ledger, found: list[Life]) -> int:
    return ledger.append(*as_objects(found))


def same(one: Ledger, other: Ledger, found: list[Life]) -> None:
    assert at_once(one, found) == one_by_one(other, found)
    assert contents(one) == contents(other)


# Random lives


@settings(deadline=None, max_examples=150)
@given(lives(odd=False))
def test_plain_lives_are_written_as_one_by_one(fresh: Fresh, found: list[Life]) -> None:
    same(fresh(), fresh(), found)


def outcome(write: Callable[[Ledger, list[Life]], int], ledger: Ledger, found: list[Life]) -> str:
    """What a ledger says, or why it refuses."""
    try:
        write(ledger, found)
    except DongtouGeoError as error:
        return f"{type(error).__name__}: {error}".replace(ledger.url.partition("///")[2], "")
    return str(contents(ledger))


@settings(deadline=None, max_examples=200)
@given(lives(odd=True))
def test_lives_with_turns_are_written_or_refused_as_one_by_one(
    fresh: Fresh, found: list[Life]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "PARCELS_AT_A_TIME", 100)  # of several bad ones the same is named
        assert outcome(at_once, fresh(), found) == outcome(one_by_one, fresh(), found)


@settings(deadline=None, max_examples=40)
@given(lives(odd=False), lives(odd=False, most=4))
def test_lives_come_on_top_of_others(fresh: Fresh, first: list[Life], then: list[Life]) -> None:
    known = {life.parcel.parcel_no for life in first}
    then = [life for life in then if life.parcel.parcel_no not in known]
    one, other = fresh(), fresh()
    same(one, other, first)
    same(one, other, then)
    assert upkeep.verify(one) == []
    kept = contents(one)
    with one.writing() as writer:
        writer.rebuild()
    assert contents(one) == kept


@pytest.mark.postgis
@settings(deadline=None, max_examples=6)
@given(found=lives(odd=True, most=8))
def test_lives_are_written_alike_in_postgis(
    postgis_server: PostgisServer, found: list[Life]
) -> None:
    urls = [postgis_server.new_database() for _ in range(2)]
    ledgers = [create(url, LedgerIdentity("abc")) for url in urls]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "PARCELS_AT_A_TIME", 100)
        writers = zip((at_once, one_by_one), ledgers, strict=True)
        told = [outcome(write, ledger, found) for write, ledger in writers]
    assert told[0].replace(urls[0], "") == told[1].replace(urls[1], "")
    for url in urls:
        postgis_server.drop(url)
