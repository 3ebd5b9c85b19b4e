"""Layer files: what is wrong with one is named, all at once; status colours survive a photocopy."""

from itertools import pairwise
from pathlib import Path

import pytest
from coloraide import Color

from dongtou_geo import settings
from dongtou_geo.catalog.layers import ClassStyle, layer_problems, load_layers, status_fills
from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.errors import DatasetError

DATASETS = ("zones", "parks", "reclamation", "projects", "coast")
SIMULATIONS = (None, "deutan", "protan", "grayscale")
VISIBLE_DE2000 = 12


@pytest.fixture
def layers_copy(tmp_path: Path) -> Path:
    for path in settings.LAYERS.glob("*.toml"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def test_our_layers_fit_and_cover_every_dataset() -> None:
    assert layer_problems(settings.LAYERS, DATASETS) == []
    assert {layer.dataset for layer in load_layers()} == {*DATASETS, "ledger"}


def test_layers_come_bottom_first() -> None:
    orders = [layer.order for layer in load_layers()]
    assert orders == sorted(set(orders))


def test_unknown_key_missing_dataset_and_unknown_status_are_named_together(
    layers_copy: Path,
) -> None:
    zones = layers_copy / "zones.toml"
    zones.write_text('colour = "red"\n' + zones.read_text(encoding="utf-8"), encoding="utf-8")
    parks = layers_copy / "parks.toml"
    parks.write_text(parks.read_text(encoding="utf-8").replace('"parks"', '"parc"'), "utf-8")
    parcels = layers_copy / "parcels.toml"
    parcels.write_text(
        parcels.read_text(encoding="utf-8").replace('"supplied"', '"leased"'), "utf-8"
    )

    found = {(p.file, p.field, p.value, p.code) for p in layer_problems(layers_copy, DATASETS)}

    assert ("layers/zones.toml", "colour", "red", "layer_unknown_key") in found
    assert ("layers/parks.toml", "dataset", "parc", "layer_missing_dataset") in found
    assert ("layers/parcels.toml", "classes", "leased", "layer_unknown_status") in found
    assert ("layers/parcels.toml", "classes", None, "layer_missing_status") in found


@pytest.mark.parametrize(
    ("text", "code"),
    [("title = ", "layer_unreadable"), ('title = "x"', "layer_missing_key")],
)
def test_a_broken_file_is_named(layers_copy: Path, text: str, code: str) -> None:
    (layers_copy / "broken.toml").write_text(text, encoding="utf-8")
    problems = layer_problems(layers_copy, DATASETS)
    assert {(p.file, p.code) for p in problems} == {("layers/broken.toml", code)}
    with pytest.raises(DatasetError, match=r"broken\.toml"):
        load_layers(layers_copy)


def test_a_bad_colour_says_what_would_be_right(layers_copy: Path) -> None:
    coast = layers_copy / "coast.toml"
    coast.write_text(coast.read_text(encoding="utf-8").replace("#F6F3EC", "beige"), "utf-8")
    (problem,) = layer_problems(layers_copy, DATASETS)
    assert (problem.field, problem.value, problem.code) == (
        "style.fill",
        "beige",
        "layer_bad_value",
    )
    assert problem.expected is not None
    assert "#RRGGBB" in problem.expected


def test_an_empty_folder_is_a_finding(tmp_path: Path) -> None:
    assert [p.code for p in layer_problems(tmp_path, DATASETS)] == ["layer_missing"]


def _painted() -> list[ClassStyle]:
    fills = status_fills(load_layers())
    return [fills[status.value] for status in STATUSES]


def _seen(fill: str, simulation: str | None) -> Color:
    colour = Color(fill)
    return colour if simulation is None else colour.filter(simulation)


@pytest.mark.parametrize("simulation", SIMULATIONS)
def test_neighbouring_statuses_can_be_told_apart(simulation: str | None) -> None:
    for one, other in pairwise(_painted()):
        distance = _seen(one.fill, simulation).delta_e(_seen(other.fill, simulation), method="2000")
        differently_hatched = one.hatch != other.hatch
        assert distance >= VISIBLE_DE2000 or differently_hatched, (one.value, other.value, distance)


@pytest.mark.parametrize("simulation", SIMULATIONS)
def test_each_stage_is_darker_than_the_one_before(simulation: str | None) -> None:
    stages = [style for style in _painted() if style.value != Account.PART_USED]
    lightness = [_seen(style.fill, simulation).convert("lab-d65")["l"] for style in stages]
    assert lightness == sorted(lightness, reverse=True)
