"""The commands as processes of their own, in a checkout of their own: what the environment does."""

import json
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dongtou_geo.services.sample import make_sample
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import LedgerIdentity
from dongtou_geo.store.opening import create
from tests.checkout import Checkout, copied

Done = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout without any ledger; tests leave it so."""
    return copied(tmp_path_factory.mktemp("bare") / "repo")


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A checkout to write in."""
    return copied(tmp_path / "repo")


@pytest.fixture
def taken() -> Iterator[str]:
    """A port that another program listens on: a server that must not start cannot."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield str(other.getsockname()[1])


def rows_of(done: Done) -> list[dict[str, Any]]:
    """Read the one document on stdout."""
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def complaint(done: Done) -> str:
    """Return the one line that a refused command says, on stderr alone."""
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def named(checkout: Checkout, *words: str, **environment: str) -> str:
    """Tell which ledger ``progress`` reads."""
    rows = rows_of(checkout.run("progress", "--json", *words, **environment))
    return str(rows[0]["ledger_version"])


def test_without_a_ledger_figures_are_null_and_stderr_says_why(bare: Checkout) -> None:
    done = bare.run("progress", "--json")
    rows = rows_of(done)
    assert done.stderr.count("\n") == 1
    assert "没有台账" in done.stderr
    assert [row["verdict"] for row in rows] == ["unknown"] * 4 + ["no_target"]
    for row in rows:
        assert (row["ledger_version"], row["data_until"], row["sample"]) == (None, None, False)
        assert (row["rate"], row["gap_mu"], row["in_production_mu"]) == (None, None, None)
    assert not (bare.root / "data").exists()


def test_commands_never_fall_back_to_the_sample(checkout: Checkout) -> None:
    make_sample(checkout.root / "data" / "sample.sqlite")
    assert named(checkout) == "None"
    assert named(checkout, "--ledger", "sample") != "None"
    assert named(checkout, DONGTOU_GEO_LEDGER="sample") != "None"


def test_the_sample_must_have_been_made(bare: Checkout) -> None:
    done = bare.run("progress", "--json", "--ledger", "sample")
    assert done.returncode == 1
    assert "sample.sqlite 不存在" in complaint(done)


def test_the_option_comes_before_the_environment_and_that_before_the_default_file(
    checkout: Checkout, tmp_path: Path
) -> None:
    urls = {name: file_url(tmp_path / f"{name}.sqlite") for name in ("option", "environ")}
    for name, url in urls.items():
        create(url, LedgerIdentity(name))
    create(file_url(checkout.root / "data" / "ledger.sqlite"), LedgerIdentity("default"))
    environ = {"DONGTOU_GEO_LEDGER": urls["environ"]}
    assert named(checkout, "--ledger", urls["option"], **environ) == "option-0"
    assert named(checkout, **environ) == "environ-0"
    assert named(checkout) == "default-0"
    assert named(checkout, DONGTOU_GEO_LEDGER="") == "default-0"


def test_a_missing_ledger_that_was_named_is_refused_and_no_other_is_read(
    checkout: Checkout, tmp_path: Path
) -> None:
    create(file_url(checkout.root / "data" / "ledger.sqlite"))
    url = file_url(tmp_path / "missing.sqlite")
    for done in (
        checkout.run("progress", "--json", "--ledger", url),
        checkout.run("progress", "--json", DONGTOU_GEO_LEDGER=url),
    ):
        assert done.returncode == 1
        assert str(tmp_path / "missing.sqlite") in complaint(done)


def test_a_new_ledger_is_the_default_file_or_the_environments(
    checkout: Checkout, tmp_path: Path
) -> None:
    assert checkout.run("ledger", "new").returncode == 0
    assert (checkout.root / "data" / "ledger.sqlite").is_file()
    again = checkout.run("ledger", "new")
    assert again.returncode == 1
    assert "已存在" in complaint(again)
    other = tmp_path / "a" / "b.sqlite"
    assert checkout.run("ledger", "new", DONGTOU_GEO_LEDGER=file_url(other)).returncode == 0
    assert other.is_file()


def test_the_sample_is_the_same_on_every_computer_and_every_time(
    checkout: Checkout, tmp_path: Path
) -> None:
    elsewhere = make_sample(tmp_path / "elsewhere.sqlite")
    asked = ("progress", "--json", "--ledger", "sample")
    assert checkout.run("sample").returncode == 0
    first = checkout.run(*asked)
    assert checkout.run("sample", PYTHONHASHSEED="7").returncode == 0
    assert checkout.run(*asked).stdout == first.stdout
    assert rows_of(first)[0]["ledger_version"] == elsewhere.stamp().ledger_version
    other = checkout.run("progress", "--json", "--ledger", elsewhere.url)
    assert other.stdout == first.stdout


def test_the_sample_never_replaces_another_ledger(checkout: Checkout) -> None:
    path = checkout.root / "data" / "sample.sqlite"
    create(file_url(path), LedgerIdentity("ours"))
    done = checkout.run("sample")
    assert done.returncode == 1
    assert str(path) in complaint(done)
    assert named(checkout, "--ledger", "sample") == "ours-0"


@pytest.mark.parametrize(
    "environment",
    [{"PYTHONIOENCODING": "gbk"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}],
)
def test_output_is_utf_8_whatever_the_console_says(
    bare: Checkout, environment: dict[str, str]
) -> None:
    done = bare.run("progress", "--json", **environment)
    assert rows_of(done)[1]["name"] == "南塘工业区"
    assert "没有台账" in done.stderr
    assert "未填报" in bare.run("progress", **environment).stdout
    refused = bare.run("progress", "--as-of", "nope", **environment)
    assert "无法识别" in complaint(refused)


def test_a_broken_check_prints_its_whole_list_and_exits_1(checkout: Checkout) -> None:
    for name, old, new in (
        ("geodata/parks.toml", "rows = 5", "rows = 6"),
        ("layers/coast.toml", "order =", "colour = 1\norder ="),
        ("geodata/zones.geojson", '"type":"FeatureCollection"', '"type":"Feature"'),
    ):
        path = checkout.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    done = checkout.run("check", "--json")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.count("\n") == 1
    found = json.loads(done.stdout)
    keys = ["file", "feature", "field", "value", "expected", "code", "severity", "message"]
    assert [list(problem) for problem in found] == [keys] * len(found)
    assert {"geodata/parks.toml", "layers/coast.toml", "geodata/zones.geojson"} <= {
        problem["file"] for problem in found
    }
    lines = checkout.run("check").stdout.splitlines()
    assert len(lines) == len(found) + 1
    for problem, line in zip(found, lines, strict=False):
        assert problem["message"] in line
        assert problem["code"] in line


def test_a_plan_that_cannot_be_read_is_one_line_and_exit_1(checkout: Checkout) -> None:
    (checkout.root / "geodata" / "parks.geojson").write_text("{", encoding="utf-8")
    done = checkout.run("progress", "--json")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "parks.geojson" in done.stderr


def test_check_asks_for_the_layer_that_draws_the_ledger(checkout: Checkout) -> None:
    (checkout.root / "layers" / "parcels.toml").unlink()
    done = checkout.run("check", "--json")
    assert done.returncode == 1
    assert any("ledger" in str(problem) for problem in json.loads(done.stdout))


def test_a_kind_of_event_from_a_newer_version_is_refused_by_name(
    bare: Checkout, tmp_path: Path
) -> None:
    path = tmp_path / "newer.sqlite"
    create(file_url(path))
    with sqlite3.connect(path) as connection:
        connection.execute("insert into parcels (parcel_no, origin, area_basis) values (?, ?, ?)",
                           ("A-1", "land", "ledger"))  # fmt: skip
        connection.execute(
            "insert into events (event_id, parcel_no, kind, effective_on, recorded_at, recorded_by)"
            " values (1, 'A-1', 'teleport', '2020-01-01', '2026-01-01T00:00:00.000000+00:00', 'x')"
        )
    connection.close()
    to = ("--ledger", file_url(path))
    for words in (("progress", "--known-at", "2026-06-30"), ("ledger", "history", "A-1")):
        done = bare.run(*words, "--json", *to)
        assert done.returncode == 1
        assert "teleport" in complaint(done)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DONGTOU_GEO_HOST", "0.0.0.0"),
        ("DONGTOU_GEO_HOST", "192.168.1.5"),
        ("DONGTOU_GEO_PORT", "0"),
        ("DONGTOU_GEO_PORT", "99999"),
        ("DONGTOU_GEO_PORT", "http"),
        ("DONGTOU_GEO_PREFIX", "/<script>"),
        ("DONGTOU_GEO_PREFIX", "/a/../b"),
    ],
)
def test_a_setting_that_cannot_be_used_is_wrong_usage(
    bare: Checkout, taken: str, variable: str, value: str
) -> None:
    done = bare.run("serve", **{"DONGTOU_GEO_PORT": taken, variable: value})
    assert done.returncode == 2
    assert f"“{value}”" in complaint(done)


def test_port_0_is_wrong_usage_and_not_the_default_port(bare: Checkout, taken: str) -> None:
    done = bare.run("serve", "--port", "0", DONGTOU_GEO_PORT=taken)
    assert done.returncode == 2
    assert "“0”" in complaint(done)


def test_a_host_on_the_command_line_is_checked_whatever_the_environment_says(
    bare: Checkout, taken: str
) -> None:
    done = bare.run(
        "serve", "--host", "0.0.0.0", DONGTOU_GEO_HOST="127.0.0.1", DONGTOU_GEO_PORT=taken
    )
    assert done.returncode == 2
    assert "“0.0.0.0”" in complaint(done)


def test_a_port_that_is_taken_is_refused_by_number(bare: Checkout, taken: str) -> None:
    for done in (bare.run("serve", "--port", taken), bare.run("serve", DONGTOU_GEO_PORT=taken)):
        assert done.returncode == 1
        assert taken in complaint(done)
