"""The register entry of a parcel: no status and no percentage in it, only what staff give."""

from dataclasses import FrozenInstanceError, fields

import pytest

from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel

# design.md section 3, "Ledger fields", without those that events carry.
CONTRACT_FIELDS = {
    "parcel_no",
    "origin",
    "ledger_area_mu",
    "contract_area_mu",
    "title_area_mu",
    "land_use_code",
    "occupant",
    "handed_over_on",
    "agreed_start_on",
    "agreed_complete_on",
    "agreed_produce_on",
    "area_started_m2",
    "total_investment_wan",
    "invested_wan",
    "supply_mode",
    "contract_no",
    "supervision_no",
    "responsible_unit",
    "note",
}


def test_a_parcel_has_the_contracts_fields_and_its_outline() -> None:
    assert {field.name for field in fields(Parcel)} == CONTRACT_FIELDS | {
        "area_basis",
        "geometry_wkb",
    }


def test_a_number_an_origin_and_an_area_basis_are_enough() -> None:
    parcel = Parcel("A-1", Origin.LAND, AreaBasis.LEDGER)
    given = ("parcel_no", "origin", "area_basis")
    assert all(getattr(parcel, f.name) is None for f in fields(parcel) if f.name not in given)


def test_a_register_entry_is_not_changed_in_place() -> None:
    parcel = Parcel("A-1", Origin.LAND, AreaBasis.LEDGER)
    with pytest.raises(FrozenInstanceError):
        parcel.parcel_no = "A-2"  # type: ignore[misc] # the refusal is what is tested


def test_origins_and_bases_are_the_contracts_words_with_chinese_labels() -> None:
    assert {origin.value: origin.label for origin in Origin} == {
        "land": "陆地",
        "filled_sea": "填海",
    }
    assert {basis.value: basis.label for basis in AreaBasis} == {
        "drawn": "图形面积",
        "ledger": "台账面积（未落图）",
    }
