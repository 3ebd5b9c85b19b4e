"""Where backups and former ledgers are kept when nobody says so."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from dongtou_geo import settings
from dongtou_geo.errors import LedgerError
from dongtou_geo.services import upkeep
from dongtou_geo.store.address import file_url
from dongtou_geo.store.opening import create, open_ledger

NOW = datetime(2026, 6, 30, 16, 5, 9, tzinfo=UTC)


def test_a_backup_is_named_after_the_ledger_and_the_time_here(tmp_path: Path) -> None:
    ledger = create(file_url(tmp_path / "台账.sqlite"))
    place = upkeep.backup(ledger, now=NOW)
    assert place == tmp_path / "backups" / "台账-20260701-000509.sqlite"
    assert open_ledger(file_url(place)).identity() == ledger.identity()
    with pytest.raises(LedgerError, match="已存在"):
        upkeep.backup(ledger, now=NOW)
    assert upkeep.backup(ledger, tmp_path / "named", now=NOW) == tmp_path / "named"


def test_a_former_ledger_is_kept_beside_the_restored_one(tmp_path: Path) -> None:
    ledger = create(file_url(tmp_path / "ledger.sqlite"))
    source = upkeep.backup(ledger, now=NOW)
    kept = upkeep.restore(source, ledger.url, force=True, now=NOW)
    assert kept == tmp_path / "ledger.before-restore-20260701-000509.sqlite"
    assert open_ledger(file_url(kept)).identity() == ledger.identity()
    new = file_url(tmp_path / "new.sqlite")
    assert upkeep.restore(source, new, now=NOW) is None


def test_a_copy_is_told_by_its_rows_and_found_sound(tmp_path: Path) -> None:
    ledger = create(file_url(tmp_path / "a.sqlite"))
    copied = upkeep.copy(ledger, file_url(tmp_path / "b.sqlite"))
    assert copied.rows["meta"] == 2
    assert upkeep.verify(copied.ledger) == []


@pytest.mark.postgis
def test_what_was_in_a_database_is_kept_among_our_data(
    postgis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "DATA", tmp_path)
    ledger, name = create(postgis_url), postgis_url.rpartition("/")[2]
    source = upkeep.backup(ledger, now=NOW)
    assert source == tmp_path / "backups" / f"{name}-20260701-000509.sqlite"
    kept = upkeep.restore(source, postgis_url, force=True, now=NOW)
    assert kept == tmp_path / f"{name}.before-restore-20260701-000509.sqlite"
    assert open_ledger(postgis_url).identity() == ledger.identity()
