"""The ledger that the app shows: read once, read again as soon as it is another one."""

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.domain.units import mu_to_m2
from dongtou_geo.errors import DongtouGeoError, LedgerError
from dongtou_geo.services.ledger_choice import Places
from dongtou_geo.services.progress import LedgerView
from dongtou_geo.services.replay import ReplayedLedger, replayed
from dongtou_geo.services.sample import make_sample
from dongtou_geo.services.shelf import LedgerShelf
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger, LedgerIdentity
from dongtou_geo.store.opening import create

LINE = Event(
    1, "A-1", EventKind.REGISTER, date(2016, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), "张三",
    area_m2=mu_to_m2(136), park_id="park_nantang",
)  # fmt: skip


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(default=tmp_path / "ledger.sqlite", sample=tmp_path / "data" / "sample.sqlite")


def made(path: Path, ledger_id: str = "one", *, area_mu: float = 136) -> Ledger:
    ledger = create(file_url(path), LedgerIdentity(ledger_id))
    event = replace(LINE, area_m2=mu_to_m2(area_mu))
    ledger.append([Parcel("A-1", Origin.LAND, AreaBasis.LEDGER)], [event])
    return ledger


def inside(view: LedgerView) -> ReplayedLedger:
    assert view.ledger is not None
    return replayed(view.ledger)


def recorded_m2(shelf: LedgerShelf) -> float | None:
    return inside(shelf.view()).events["A-1"][0].area_m2


def test_the_ledger_is_read_once(places: Places) -> None:
    made(places.default)
    shelf = LedgerShelf(None, places)
    assert shelf.view() is shelf.view()


def test_an_event_recorded_elsewhere_is_seen(places: Places) -> None:
    ledger = made(places.default)
    shelf = LedgerShelf(None, places)
    before = shelf.view()
    assert len(inside(before).events["A-1"]) == 1
    ledger.append([], [replace(LINE, event_id=0, kind=EventKind.APPROVE, area_m2=None)])
    after = shelf.view()
    assert len(inside(after).events["A-1"]) == 2
    assert before.stamp.ledger_version != after.stamp.ledger_version


def test_another_ledger_in_the_files_place_is_seen(places: Places, tmp_path: Path) -> None:
    made(places.default, area_mu=100)
    shelf = LedgerShelf(None, places)
    assert recorded_m2(shelf) == pytest.approx(mu_to_m2(100))
    made(tmp_path / "other.sqlite", "two", area_mu=50)
    (tmp_path / "other.sqlite").replace(places.default)
    assert recorded_m2(shelf) == pytest.approx(mu_to_m2(50))


@pytest.mark.parametrize("way", ["moved over it", "deleted, then copied", "copied over it"])
def test_a_copy_of_the_same_version_with_another_content_is_seen(
    places: Places, tmp_path: Path, way: str
) -> None:
    # A backup put back in which a different event was recorded has the same id and count.
    made(places.default, area_mu=100)
    shelf = LedgerShelf(None, places)
    version = shelf.view().stamp.ledger_version
    other = tmp_path / "other.sqlite"
    made(other, area_mu=50)
    if way == "moved over it":
        other.replace(places.default)
    else:
        if way == "deleted, then copied":
            places.default.unlink()
        shutil.copyfile(other, places.default)
    assert recorded_m2(shelf) == pytest.approx(mu_to_m2(50))
    assert shelf.view().stamp.ledger_version == version


def test_without_a_ledger_the_app_makes_and_shows_the_sample(places: Places) -> None:
    view = LedgerShelf(None, places).view()
    assert view.stamp.sample
    assert places.sample.is_file()
    assert inside(view).parcels


def test_a_sample_that_is_there_is_shown_as_it_is(places: Places) -> None:
    make_sample(places.sample)
    content = places.sample.read_bytes()
    assert LedgerShelf(None, places).view().stamp.sample
    assert places.sample.read_bytes() == content


def test_the_word_sample_shows_the_sample_beside_a_ledger(places: Places) -> None:
    made(places.default)
    assert LedgerShelf("sample", places).view().stamp.sample
    assert not LedgerShelf(None, places).view().stamp.sample


def test_a_ledger_made_while_the_app_runs_takes_the_samples_place(places: Places) -> None:
    shelf = LedgerShelf(None, places)
    assert shelf.view().stamp.sample
    create(file_url(places.default))
    assert not shelf.view().stamp.sample
    assert inside(shelf.view()).parcels == {}


def test_an_empty_ledger_is_shown_empty_and_never_as_the_sample(places: Places) -> None:
    create(file_url(places.default), LedgerIdentity("leer"))
    view = LedgerShelf(None, places).view()
    assert (view.stamp.sample, view.stamp.ledger_version) == (False, "leer-0")
    assert inside(view).events == {}
    assert not places.sample.exists()


def test_a_named_ledger_that_is_missing_or_junk_is_an_error_and_no_other_is_shown(
    places: Places, tmp_path: Path
) -> None:
    made(places.default)
    junk = tmp_path / "junk.sqlite"
    junk.write_bytes(b"junk" * 500)
    for url in (file_url(tmp_path / "missing.sqlite"), file_url(junk), "nonsense"):
        with pytest.raises(LedgerError):
            LedgerShelf(url, places).view()
    assert not places.sample.exists()


def test_a_ledger_that_broke_is_an_error_and_the_old_figures_do_not_stay(places: Places) -> None:
    made(places.default)
    shelf = LedgerShelf(file_url(places.default), places)
    shelf.view()
    places.default.write_bytes(b"junk" * 500)
    with pytest.raises(DongtouGeoError):
        shelf.view()


def test_a_ledger_that_was_mended_is_shown_again(places: Places, tmp_path: Path) -> None:
    places.default.write_bytes(b"junk" * 500)
    shelf = LedgerShelf(None, places)
    with pytest.raises(DongtouGeoError):
        shelf.view()
    made(tmp_path / "good.sqlite")
    (tmp_path / "good.sqlite").replace(places.default)
    assert inside(shelf.view()).parcels.keys() == {"A-1"}


def test_pages_and_routes_that_ask_at_once_get_the_same_view(places: Places) -> None:
    shelf, together = LedgerShelf(None, places), threading.Barrier(8)

    def asked(_number: int) -> object:
        together.wait()
        return shelf.view()

    with ThreadPoolExecutor(8) as pool:
        views = list(pool.map(asked, range(8)))
    assert all(view is views[0] for view in views)
