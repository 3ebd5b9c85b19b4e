"""A PostgreSQL server of the tests' own: as an ordinary user, on a free port, gone afterwards."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

import start

USER, MODEL = "dongtou", "template_postgis"
PATIENCE_SECONDS = 60
# Chinese sorting rules: what must sort by code point has to say so. Known from 15 on.
CHINESE = ("--locale-provider=icu", "--icu-locale=zh-CN")
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "50",
}
# Nothing here outlives the tests, so nothing waits for the disk.
FLEETING = {"fsync": "off", "full_page_writes": "off"}


class PostgisServer:
    """A running server.

    Parameters
    ----------
    programs : Path
        Folder of initdb and postgres.
    durable : bool
        Whether what is committed is on the disk; a test need not wait for that, a benchmark must.
    """

    def __init__(self, programs: Path, *, durable: bool = False) -> None:
        self._settings = SETTINGS if durable else SETTINGS | FLEETING
        self._programs = programs
        self._account = _ordinary_account()
        # pytest's own folders are root's alone; the server's account must get at this one.
        self._folder = Path(tempfile.mkdtemp(prefix="dongtou-postgis-"))
        self._numbers = count(1)
        self.password = secrets.token_hex(8)
        self.port = _free_port()
        try:
            self._make_cluster()
            self._process = self._started()
            self._make_model()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the server and take its files away."""
        process = getattr(self, "_process", None)
        if process is not None:
            process.send_signal(signal.SIGINT)  # "fast": open sessions are ended
            process.wait(timeout=PATIENCE_SECONDS)
        shutil.rmtree(self._folder, ignore_errors=True)

    def address(self, database: str, *, password: str | None = None) -> str:
        """A database's URL."""
        secret = password or self.password
        return f"postgresql+psycopg://{USER}:{secret}@127.0.0.1:{self.port}/{database}"

    def new_database(self, *, postgis: bool = True) -> str:
        """Make an empty database with PostGIS and give its URL."""
        name = f"ledger_{next(self._numbers)}"
        model = MODEL if postgis else "template1"
        with self.connection() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {model} STRATEGY file_copy")
        return self.address(name)

    def drop(self, url: str) -> None:
        """Take a database away, whoever is still in it."""
        name = url.rpartition("/")[2]
        with self.connection() as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def connection(self, database: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
        """An administrator's connection, to be closed by whoever asks for it."""
        plain = self.address(database).replace("+psycopg", "")
        return psycopg.connect(plain, autocommit=True, connect_timeout=PATIENCE_SECONDS)

    def _run_options(self) -> dict[str, Any]:
        if self._account is None:
            return {}
        user, group = self._account
        return {"user": user, "group": group, "extra_groups": []}

    def _make_cluster(self) -> None:
        secret = self._folder / "secret"
        secret.write_text(self.password)
        if self._account is not None:
            for path in (self._folder, secret):
                os.chown(path, *self._account)
        version = int(self._programs.parent.name)
        command = [str(self._programs / "initdb"), "-D", str(self._folder / "data"), "-U", USER]
        command += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", f"--pwfile={secret}"]
        command += ["--auth=scram-sha-256", *(CHINESE if version >= 15 else ())]
        made = subprocess.run(
            command, cwd="/", capture_output=True, text=True, check=False, **self._run_options()
        )
        assert made.returncode == 0, made.stdout + made.stderr

    def _started(self) -> subprocess.Popen[bytes]:
        command = [str(self._programs / "postgres"), "-D", str(self._folder / "data")]
        command += ["-p", str(self.port)]
        command += [
            word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")
        ]
        with (self._folder / "log").open("wb") as log:
            return subprocess.Popen(command, cwd="/", stdout=log, stderr=log, **self._run_options())

    def _make_model(self) -> None:
        """Install PostGIS once; each test's database is a copy."""
        self._wait()
        with self.connection() as connection:
            connection.execute(f"CREATE DATABASE {MODEL}")
        with self.connection(MODEL) as connection:
            connection.execute("CREATE EXTENSION postgis")

    def _wait(self) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                self.connection().close()
            except psycopg.OperationalError:
                dead = self._process.poll() is not None
                if dead or time.monotonic() > end:
                    pytest.fail((self._folder / "log").read_text("utf-8", "replace"))
                time.sleep(0.05)
            else:
                return


def _ordinary_account() -> tuple[int, int] | None:
    """User and group to be instead of root, whom initdb refuses; None = stay who we are."""
    if os.geteuid() != 0:
        return None
    import pwd  # Windows has none

    names = {account.pw_name: account for account in pwd.getpwall()}
    account = names.get("postgres") or names["nobody"]
    return account.pw_uid, account.pw_gid


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="session")
def postgis_server() -> Iterator[PostgisServer]:
    """One server for all tests of a run."""
    programs = start.find_postgis(start.Machine(Path.cwd()))
    assert programs is not None, "the marker postgis skips a test where there is no server"
    server = PostgisServer(Path(programs))
    yield server
    server.stop()


@pytest.fixture
def postgis_url(postgis_server: PostgisServer) -> Iterator[str]:
    """An empty database with PostGIS, of this test alone."""
    url = postgis_server.new_database()
    yield url
    postgis_server.drop(url)
