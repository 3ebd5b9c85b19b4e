"""Layer files: what is wrong with one is named, all at once; status colours survive a photocopy."""

from itertools import pairwise
from pathlib import Path

import pytest
from coloraide import Color

from dongtou_geo import settings
from dongtou_geo.catalog.layers import ClassStyle, layer_problems, load_layers, status_fills
from dongtou_geo.domain.problem import Problem
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


def edited(folder: Path, name: str, old: str, new: str) -> list[Problem]:
    path = folder / f"{name}.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return layer_problems(folder, DATASETS)


INVITE = 'value = "invite"\nlabel = "计划招商类"\nfill = "#C2517A"\n'
TAIL = '\n[[classes]]\nvalue = "implement"\nfill = "#000000"\n'


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        # A project group without its colour, one that is none, one told twice, one without words.
        ("projects", "[[classes]]\n" + INVITE, "", [("classes", None, "layer_missing_group")]),
        (
            "projects",
            '"invite"',
            '"guest"',
            [("classes", None, "layer_missing_group"), ("classes", "guest", "layer_unknown_group")],
        ),
        (
            "projects",
            "\n[[legend]]",
            TAIL + "\n[[legend]]",
            [
                ("classes", "implement", "layer_class_twice"),
                ("classes.3.label", None, "layer_missing_key"),
            ],
        ),
        (
            "zones",
            "[[legend]]",
            TAIL + "[[legend]]",
            [("classes", "implement", "layer_unknown_class")],
        ),
        # A symbol without its colours.
        ("reclamation", 'hatch = "#9DB9C4"\n', "", [("style.hatch", None, "layer_missing_key")]),
        ("reclamation", 'fill = "#F6F3EC"\n', "", [("style.fill", None, "layer_missing_key")]),
        ("coast", 'fill = "#F6F3EC"\n', "", [("style.fill", None, "layer_missing_key")]),
        # A symbol that does not know its dataset.
        ("projects", '"circle"', '"status"', None),
        ("zones", '"line"', '"circle"', None),
        (
            "parks",
            '"parks"',
            '"ledger"',
            [
                ("style.symbol", "line", "layer_symbol_misfit"),
                ("dataset", "ledger", "layer_dataset_twice"),
            ],
        ),
        ("parks", '"parks"', '"zones"', [("dataset", "zones", "layer_dataset_twice")]),
        # A key that is ours to give.
        ("zones", 'title = "', 'id = "x"\ntitle = "', [("id", "x", "layer_unknown_key")]),
    ],
)
def test_a_layer_that_would_break_the_map_is_refused(
    layers_copy: Path,
    name: str,
    old: str,
    new: str,
    told: list[tuple[str, str | None, str]] | None,
) -> None:
    problems = edited(layers_copy, name, old, new)
    found = [(p.field, p.value, p.code) for p in problems]
    if told is None:
        assert "layer_symbol_misfit" in {p.code for p in problems}
    else:
        assert sorted(found, key=str) == sorted(told, key=str)


def test_the_ledger_must_be_drawn_by_one_layer(layers_copy: Path) -> None:
    parcels = layers_copy / "parcels.toml"
    twin = layers_copy / "parcels2.toml"
    twin.write_text(parcels.read_text(encoding="utf-8"), encoding="utf-8")
    (twice,) = layer_problems(layers_copy, DATASETS)
    assert (twice.file, twice.code) == ("layers/parcels2.toml", "layer_dataset_twice")
    assert "layers/parcels.toml" in twice.message

    for path in (parcels, twin):
        path.unlink()
    (missing,) = layer_problems(layers_copy, DATASETS)
    assert (missing.file, missing.code) == ("layers", "layer_missing_ledger")
    with pytest.raises(DatasetError, match="ledger"):
        status_fills(load_layers(layers_copy))


@pytest.mark.parametrize(
    ("table", "own", "other"),
    [
        ("[style]", "hit_order", "priority"),
        ("[label]", "min_zoom", "hit_order"),
        ("[tooltip]", "figure", "weight"),
        ("[[legend]]", "label", "dataset"),
    ],
)
def test_a_wrong_key_names_the_keys_of_its_own_table(
    layers_copy: Path, table: str, own: str, other: str
) -> None:
    (problem,) = edited(layers_copy, "parks", table, f'{table}\ncolour = "red"')
    assert (problem.code, problem.value) == ("layer_unknown_key", "red")
    assert (problem.field or "").endswith("colour")
    assert own in (problem.expected or "")
    assert other not in (problem.expected or "")


@pytest.mark.parametrize(
    ("name", "old", "new", "wanted"),
    [
        ("coast", "weight = 1", "weight = 11", "不大于 10 的数字"),
        ("coast", "weight = 1", "weight = -0.5", "不小于 0 的数字"),
        ("coast", "weight = 1", 'weight = "x"', "数字"),
        ("coast", "weight = 1", "weight = [1]", "数字"),
        ("coast", "weight = 1", "weight = nan", "不大于 10 的数字"),
        ("zones", "spacing = 7", "spacing = inf", "有限的数字"),
        ("zones", '"8 5"', '"red"', "虚线写作如 8 5"),
        ("zones", '"#8A8F94"', '"grey"', "颜色写作 #RRGGBB"),
        ("coast", "order = 10", "order = 1.5", "整数"),
        ("coast", "order = 10", "order = inf", "有限的数字"),
        ("coast", "order = 10", "order = []", "整数"),
        ("coast", "visible = true", "visible = 7", "true 或 false"),
        ("coast", '"底图"', '"base"', "其中之一：规划、台账、底图"),
        ("parks", '"progress"', '"money"', "其中之一：progress、plan_area、status、investment"),
        ("coast", '"岛屿与海岸"', "2020-01-01", "文字"),
        ("coast", '"岛屿与海岸"', '""', "不为空的文字"),
        (
            "coast",
            "order = 10",
            'order = 10\nclasses = "all"',
            "若干个表，写作 [[classes]]、[[legend]]",
        ),
        ("coast", "order = 10", 'order = 10\nlabel = "x"', "一个表，其下写 键 = 值"),
    ],
)
def test_what_would_be_right_is_said_in_chinese(
    layers_copy: Path, name: str, old: str, new: str, wanted: str
) -> None:
    (problem,) = edited(layers_copy, name, old, new)
    assert (problem.code, problem.expected) == ("layer_bad_value", wanted)
    assert " or " not in problem.message


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
