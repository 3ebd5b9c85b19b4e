"""What the environment may choose, and what is refused before anything listens."""

from pathlib import Path

import pytest

from dongtou_geo.errors import UsageError
from dongtou_geo.settings import DEFAULT_LEDGER, ROOT, SAMPLE_LEDGER, Settings, from_environment


def test_an_empty_environment_gives_the_contracts_defaults() -> None:
    assert from_environment({}) == Settings(None, "127.0.0.1", 8501, "")


def test_empty_variables_count_as_not_set() -> None:
    names = ("LEDGER", "HOST", "PORT", "PREFIX")
    assert from_environment({f"DONGTOU_GEO_{name}": "" for name in names}) == Settings()


def test_the_variables_of_the_contract_are_read_and_no_others() -> None:
    environ = {
        "DONGTOU_GEO_LEDGER": "sqlite:////data/台账.sqlite",
        "DONGTOU_GEO_HOST": "localhost",
        "DONGTOU_GEO_PORT": "9000",
        "DONGTOU_GEO_PREFIX": "/gis",
        "HOST": "0.0.0.0",
        "PORT": "1",
    }
    expected = Settings("sqlite:////data/台账.sqlite", "localhost", 9000, "/gis")
    assert from_environment(environ) == expected


def test_the_process_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DONGTOU_GEO_PORT", "9001")
    assert from_environment().port == 9001


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_loopback_is_allowed(host: str) -> None:
    assert from_environment({"DONGTOU_GEO_HOST": host}).host == host


@pytest.mark.parametrize(
    "host",
    [
        "0.0.0.0",
        "::",
        "::1",
        "*",
        "192.168.1.5",
        "127.0.0.1.example.com",
        "localhost.example.com",
        "127.0.0.1 ",
        " ",
        "127.1",
        "0",
    ],
)
def test_any_other_host_is_refused_by_name_until_sign_in_exists(host: str) -> None:
    with pytest.raises(UsageError, match="尚无登录功能") as refused:
        from_environment({"DONGTOU_GEO_HOST": host})
    assert f"“{host}”" in str(refused.value)


@pytest.mark.parametrize("port", ["1", "8501", "65535"])
def test_a_port_is_a_number_in_range(port: str) -> None:
    assert from_environment({"DONGTOU_GEO_PORT": port}).port == int(port)


@pytest.mark.parametrize("port", ["0", "65536", "-1", "+1", "80.5", "http", "８５０１", "²", "1_0"])
def test_a_port_that_is_none_is_refused_by_name(port: str) -> None:
    with pytest.raises(UsageError, match="1-65535") as refused:
        from_environment({"DONGTOU_GEO_PORT": port})
    assert f"“{port}”" in str(refused.value)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("sqlite:///x.sqlite", "sqlite:///{here}/x.sqlite"),
        ("sqlite:///data/台账.sqlite?timeout=5", "sqlite:///{here}/data/台账.sqlite?timeout=5"),
        ("sqlite+pysqlite:///x.sqlite", "sqlite+pysqlite:///{here}/x.sqlite"),
        ("sqlite:////abs/x.sqlite", "sqlite:////abs/x.sqlite"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("sqlite://", "sqlite://"),
        ("postgresql+psycopg://u:p@localhost/x", "postgresql+psycopg://u:p@localhost/x"),
        ("sample", "sample"),
        ("台账.sqlite", "{here}/台账.sqlite"),
        ("data/x.sqlite", "{here}/data/x.sqlite"),
        ("/abs/x.sqlite", "/abs/x.sqlite"),
        ("C:\\x\\y.sqlite", "C:\\x\\y.sqlite"),
        ("nonsense", "nonsense"),
    ],
)
def test_a_relative_ledger_means_the_same_wherever_we_go_later(
    given: str, meant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    chosen = from_environment({"DONGTOU_GEO_LEDGER": given}).ledger_url
    assert chosen == meant.format(here=tmp_path)
    monkeypatch.chdir(ROOT)
    assert from_environment({"DONGTOU_GEO_LEDGER": chosen}).ledger_url == chosen


@pytest.mark.parametrize(
    ("given", "prefix"),
    [("/gis", "/gis"), ("gis", "/gis"), ("/gis/", "/gis"), ("/a/b-c_d", "/a/b-c_d"), ("/", "")],
)
def test_a_prefix_begins_with_one_slash_and_ends_with_none(given: str, prefix: str) -> None:
    assert from_environment({"DONGTOU_GEO_PREFIX": given}).prefix == prefix


@pytest.mark.parametrize(
    "prefix", ["/a//b", "/../etc", "/a b", "/a?b", "/<script>", "http://x", "/-"]
)
def test_a_prefix_that_is_no_path_is_refused_by_name(prefix: str) -> None:
    with pytest.raises(UsageError, match="应形如 /gis") as refused:
        from_environment({"DONGTOU_GEO_PREFIX": prefix})
    assert f"“{prefix}”" in str(refused.value)


def test_ledgers_lie_in_the_data_folder_that_git_ignores() -> None:
    assert DEFAULT_LEDGER == ROOT / "data" / "ledger.sqlite"
    assert SAMPLE_LEDGER == ROOT / "data" / "sample.sqlite"
