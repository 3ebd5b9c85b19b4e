"""The commands: exit codes, one JSON document, one line of error, and which ledger they read."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dongtou_geo import __version__
from dongtou_geo.cli import main
from dongtou_geo.domain.day import day_here
from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.domain.status import STATUSES
from dongtou_geo.domain.units import mu_to_m2
from dongtou_geo.services.sample import make_sample
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import LedgerIdentity
from dongtou_geo.store.opening import create

# The contract's keys, in its order.
KEYS = [
    "id", "name", "zone_id", "as_of", "sample", "ledger_version", "data_until", "planned_mu",
    "recorded_mu", "unmapped_mu", "by_status_mu", "in_production_mu", "rate", "rate_at_due", "reachable_rate",
    "met_on", "target_rate", "target_text", "due", "gap_mu", "verdict",
]  # fmt: skip
PARKS = ["park_startup", "park_nantang", "park_yangwen", "park_ojk_industry", "park_rail"]
NOTHING = ["unknown", "unknown", "unknown", "unknown", "no_target"]
LEARNT = datetime(2026, 4, 1, 15, 59, tzinfo=UTC)  # 23:59 of that day here
LINE = Event(
    1, "A-1", EventKind.REGISTER, date(2016, 1, 1), LEARNT, "张三",
    area_m2=mu_to_m2(136), park_id="park_nantang",
)  # fmt: skip
Capture = pytest.CaptureFixture[str]
Row = dict[str, Any]


@pytest.fixture(scope="module")
def sample_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("ledger") / "sample.sqlite"
    make_sample(path)
    return file_url(path)


@pytest.fixture
def empty_url(tmp_path: Path) -> str:
    url = file_url(tmp_path / "empty.sqlite")
    create(url, LedgerIdentity("leer"))
    return url


@pytest.fixture
def one_parcel_url(tmp_path: Path) -> str:
    url = file_url(tmp_path / "one.sqlite")
    create(url).append([Parcel("A-1", Origin.LAND, AreaBasis.LEDGER)], [LINE])
    return url


def said(capsys: Capture, *words: str) -> tuple[int, str, str]:
    """Run a command here; return its exit code, stdout and stderr."""
    code = main(words)
    out, err = capsys.readouterr()
    return code, out, err


def rows_of(capsys: Capture, *words: str) -> list[Row]:
    """Run ``progress --json`` and read its one document."""
    code, out, err = said(capsys, "progress", "--json", *words)
    assert (code, err) == (0, "")
    assert out.count("\n") == 1
    found: list[Row] = json.loads(out)
    return found


def refused(capsys: Capture, *words: str) -> tuple[int, str]:
    """Run a command that says no: nothing on stdout, one line on stderr."""
    code, out, err = said(capsys, *words)
    assert out == ""
    assert err.count("\n") == 1
    assert err.endswith("\n")
    return code, err


def verdicts(rows: Sequence[Row]) -> list[str]:
    return [row["verdict"] for row in rows]


def today() -> date:
    return day_here(datetime.now(UTC))


def test_progress_has_the_contracts_keys_in_its_order(capsys: Capture, sample_url: str) -> None:
    rows = rows_of(capsys, "--ledger", sample_url)
    assert [list(row) for row in rows] == [KEYS] * len(rows)
    assert [row["id"] for row in rows] == [*PARKS, None]
    assert rows[-1]["name"] == "园区外"
    for row in rows:
        assert list(row["by_status_mu"]) == [status.value for status in STATUSES]
        assert sum(row["by_status_mu"].values()) == pytest.approx(row["recorded_mu"])


def test_targets_are_the_contracts(capsys: Capture, empty_url: str) -> None:
    rows = rows_of(capsys, "--ledger", empty_url)
    assert [row["target_rate"] for row in rows] == [None, 0.9, 0.9, 1.0, None]
    assert {row["due"] for row in rows} == {"2020-12-31"}


def test_a_samples_figures_are_of_its_last_day_and_say_that_they_are_a_sample(
    capsys: Capture, sample_url: str
) -> None:
    for row in rows_of(capsys, "--ledger", sample_url):
        assert (row["as_of"], row["data_until"], row["sample"]) == ("2026-06-30",) * 2 + (True,)
    _, out, _ = said(capsys, "progress", "--ledger", sample_url)
    assert "示例" in out


def test_other_ledgers_figures_are_of_today(capsys: Capture, empty_url: str) -> None:
    before = today()
    row = rows_of(capsys, "--ledger", empty_url)[0]
    assert before <= date.fromisoformat(row["as_of"]) <= today()
    assert row["sample"] is False


def test_an_empty_ledger_has_the_five_platforms_and_no_figure(
    capsys: Capture, empty_url: str
) -> None:
    rows = rows_of(capsys, "--ledger", empty_url)
    assert [row["id"] for row in rows] == PARKS
    assert verdicts(rows) == NOTHING
    for row in rows:
        assert row["ledger_version"] == "leer-0"
        empty = ("rate", "gap_mu", "in_production_mu", "rate_at_due", "reachable_rate", "met_on")
        assert [row[key] for key in empty] == [None] * 6


def test_zones_sum_their_parks_and_have_no_target(capsys: Capture, sample_url: str) -> None:
    parks = rows_of(capsys, "--ledger", sample_url)
    zones = rows_of(capsys, "--ledger", sample_url, "--by", "zone")
    assert [row["id"] for row in zones] == ["zone_north", "zone_main", "zone_west", None]
    for zone in zones:
        own = [park for park in parks if park["zone_id"] == zone["id"]]
        for key in ("recorded_mu", "unmapped_mu"):
            assert zone[key] == pytest.approx(sum(park[key] for park in own))
        assert (zone["target_rate"], zone["target_text"], zone["gap_mu"]) == (None, None, None)


def test_the_lines_for_people_name_every_row(capsys: Capture, sample_url: str) -> None:
    code, out, _ = said(capsys, "progress", "--ledger", sample_url)
    assert code == 0
    for row in rows_of(capsys, "--ledger", sample_url):
        (line,) = [line for line in out.splitlines() if line.startswith(row["name"])]
        assert f"{row['recorded_mu']:.1f}" in line
        # Land outside the parks has no plan figure and so no rate: it is not unreported.
        assert ("未填报" in line) == (row["recorded_mu"] == 0)


@pytest.mark.parametrize(
    "text",
    ["", "昨天", "2018-13-01", "2018-02-30", "20181231", "2018-W52-1", "2018-12-31T00:00", "2018"],
)
def test_an_unreadable_day_is_wrong_usage(capsys: Capture, text: str) -> None:
    code, err = refused(capsys, "progress", "--json", "--as-of", text)
    assert code == 2
    assert f"“{text}”" in err
    assert "2018-12-31" in err


@pytest.mark.parametrize("option", ["--as-of", "--known-at"])
def test_a_future_day_is_wrong_usage_and_today_is_not(
    capsys: Capture, empty_url: str, option: str
) -> None:
    tomorrow = today() + timedelta(days=1)
    code, err = refused(capsys, "progress", option, (tomorrow + timedelta(days=1)).isoformat())
    assert (code, "晚于今天" in err) == (2, True)
    assert rows_of(capsys, "--ledger", empty_url, option, today().isoformat())


@pytest.mark.parametrize(
    ("moment", "known"),
    [
        ("2026-03-31", False),
        ("2026-04-01", True),  # a bare day is all of it, as days are counted here
        ("2026-04-01T23:58", False),
        ("2026-04-01T23:59", True),
        ("2026-04-01T15:58+00:00", False),
        ("2026-04-01T15:59Z", True),
    ],
)
def test_known_at_shows_what_was_known_then(
    capsys: Capture, one_parcel_url: str, moment: str, known: bool
) -> None:
    row = rows_of(capsys, "--ledger", one_parcel_url, "--known-at", moment)[1]
    assert (row["id"], row["recorded_mu"] > 0) == ("park_nantang", known)


def test_as_of_shows_what_was_true_then(capsys: Capture, one_parcel_url: str) -> None:
    before = rows_of(capsys, "--ledger", one_parcel_url, "--as-of", "2015-12-31")[1]
    after = rows_of(capsys, "--ledger", one_parcel_url, "--as-of", "2016-01-01")[1]
    assert (before["rate"], before["verdict"]) == (None, "unknown")
    assert (after["rate"], after["reachable_rate"]) == (0.0, pytest.approx(0.1))


@pytest.mark.parametrize(
    "words",
    [
        [], ["bogus"], ["ledger"], ["ledger", "bogus"], ["check", "extra"], ["progress", "--by", "town"],
        ["progress", "--ledger"], ["progress", "--no-such-option"], ["map"],
        # Commands that are not built yet are absent.
        ["report", "brief", "out.docx"], ["ledger", "import"],
        ["ledger", "export"],
    ],
)  # fmt: skip
def test_wrong_words_are_wrong_usage_in_one_line(capsys: Capture, words: list[str]) -> None:
    code, err = refused(capsys, *words)
    assert code == 2
    assert "--help" in err


def test_the_version_is_the_packages(capsys: Capture) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert (left.value.code, capsys.readouterr().out) == (0, f"{__version__}\n")


@pytest.mark.parametrize(
    "url", ["nonsense", "sqlite://", "sqlite:///:memory:", "mysql+nosuch://u:secret@localhost/x"]
)
def test_an_address_that_is_no_ledgers_is_refused_without_its_password(
    capsys: Capture, url: str
) -> None:
    for words in (["progress", "--json"], ["ledger", "new"]):
        code, err = refused(capsys, *words, "--ledger", url)
        assert code == 1
        assert "台账地址" in err
        assert "secret" not in err
        assert url.startswith("mysql") or ("文件路径" in err and "sqlite:////" in err)


def test_a_plain_path_is_a_ledgers_address_in_every_command(
    capsys: Capture, tmp_path: Path
) -> None:
    path = tmp_path / "台账.sqlite"
    assert main(["ledger", "new", "--ledger", str(path)]) == 0
    assert path.is_file()
    capsys.readouterr()
    assert main(["ledger", "status", "--json", "--ledger", str(path)]) == 0
    told = capsys.readouterr().out
    assert main(["ledger", "status", "--json", "--ledger", file_url(path)]) == 0
    assert capsys.readouterr().out == told


@pytest.mark.parametrize("content", [b"", b"junk" * 999, b"SQLite format 3\x00" + b"\xff" * 4096])
def test_a_file_that_is_no_ledger_is_refused(
    capsys: Capture, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "junk.sqlite"
    path.write_bytes(content)
    code, err = refused(capsys, "progress", "--json", "--ledger", file_url(path))
    assert code == 1
    assert str(path) in err
    assert path.read_bytes() == content


def test_events_that_do_not_fit_together_are_refused_by_parcel(
    capsys: Capture, tmp_path: Path
) -> None:
    url = file_url(tmp_path / "broken.sqlite")
    create(url)
    with closing(sqlite3.connect(tmp_path / "broken.sqlite")) as raw, raw:  # behind our back
        raw.execute(
            "insert into parcels (parcel_no, origin, area_basis) values ('甲-07', 'land', 'ledger')"
        )
        raw.execute(
            "insert into events (event_id, parcel_no, kind, effective_on, recorded_at, recorded_by)"
            " values (1, '甲-07', 'produce', '2020-01-01', '2026-01-01T00:00:00.000000+00:00', 'x')"
        )
    asked = ("progress", "--json", "--known-at", today().isoformat())
    code, err = refused(capsys, *asked, "--ledger", url)
    assert (code, "甲-07" in err) == (1, True)
    code, out, err = said(capsys, "ledger", "verify", "--ledger", url)
    assert (code, "甲-07" in out, err) == (1, True, "")


def test_a_files_name_that_is_no_text_is_refused_without_a_traceback(
    capsys: Capture, tmp_path: Path
) -> None:
    # A byte that is no UTF-8 reaches Python as a lone surrogate.
    code, err = refused(capsys, "progress", "--ledger", f"sqlite:///{tmp_path}/\udcff.sqlite")
    assert (code, "不存在" in err) == (1, True)


def test_a_new_ledger_is_made_with_its_folders_and_never_twice(
    capsys: Capture, tmp_path: Path
) -> None:
    path = tmp_path / "甲" / "乙" / "台账.sqlite"
    code, out, err = said(capsys, "ledger", "new", "--ledger", file_url(path))
    assert (code, err) == (0, "")
    assert str(path) in out
    content = path.read_bytes()
    code, err = refused(capsys, "ledger", "new", "--ledger", file_url(path))
    assert code == 1
    assert f"{path} 已存在" in err
    assert path.read_bytes() == content
    assert verdicts(rows_of(capsys, "--ledger", file_url(path))) == NOTHING


def test_a_ledger_whose_folder_is_a_file_is_refused(capsys: Capture, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    url = file_url(tmp_path / "file" / "ledger.sqlite")
    assert refused(capsys, "ledger", "new", "--ledger", url)[0] == 1
