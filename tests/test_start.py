"""start.py on made-up machines, and the files it installs from."""

import ast
import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import start

ROOT = Path(start.__file__).resolve().parent
POSTGIS_CONTROL = "/usr/share/postgresql/15/extension/postgis.control"
POSTGIS = ("/usr/lib/postgresql/15/bin/initdb", POSTGIS_CONTROL)
BRINGS = {"postgresql-postgis": POSTGIS, "gdal-bin": ["ogr2ogr"]}
BRINGS |= {"libreoffice-impress-nogui": [start.IMPRESS]}
EVERYTHING = ("apt-get", "chromium", "fc-list", "ogr2ogr", start.IMPRESS, *POSTGIS)


class FakeMachine(start.Machine):
    """A machine on which commands succeed and leave the traces that start.py looks for."""

    def __init__(
        self,
        checkout: start.Checkout,
        *,
        failing: Iterable[str] = (),
        commands: Iterable[str] = EVERYTHING,
        admin: bool = True,
        ensurepip: bool = True,
    ) -> None:
        super().__init__(checkout.root)
        self.checkout = checkout
        self.failing = set(failing)
        self.commands = set(commands)
        self.admin = admin
        self.ensurepip = ensurepip
        self.lines: list[str] = []
        self.errors: list[str] = []
        self.ran: list[str] = []

    def say(self, text: str) -> None:
        self.lines.append(text)

    def complain(self, text: str) -> None:
        self.errors.append(text)

    def run(self, command: Sequence[str], log: Path | None = None) -> int:
        line = " ".join(command)
        self.ran.append(line)
        if log:
            log.write_text("connection broken by a test")
        if any(word in line for word in self.failing):
            return 3
        if "-m venv" in line:
            self.checkout.python.parent.mkdir(parents=True)
            self.checkout.python.touch()
        if "apt-get" in line and "install" in line:
            for package in command:
                self.commands |= {package, *BRINGS.get(package, ())}
            self.ensurepip = True
        return 0

    def output(self, command: Sequence[str]) -> str | None:
        return None if any(word in " ".join(command) for word in self.failing) else "a font"

    def which(self, name: str) -> str | None:
        # The package fontconfig brings the command fc-list.
        found = name in self.commands or (name == "fc-list" and "fontconfig" in self.commands)
        return f"/usr/bin/{name}" if found else None

    def is_file(self, path: str) -> bool:
        return path in self.commands

    def has_module(self, name: str) -> bool:
        return self.ensurepip

    def has_bundled_fonts(self) -> bool:
        return False

    def may_install(self) -> bool:
        return self.admin and "apt-get" in self.commands

    def steps(self) -> list[str]:
        """What was run, in one word each."""
        words = "-m venv,apt-get,requirements.txt,requirements-dev.txt,serve,ruff,mypy,pytest"
        return [next(word for word in words.split(",") if word in line) for line in self.ran]


@pytest.fixture
def checkout(tmp_path: Path) -> start.Checkout:
    (tmp_path / "requirements.txt").write_text("a==1\n")
    (tmp_path / "requirements-dev.txt").write_text("b==1\n")
    return start.Checkout(tmp_path)


def ready(checkout: start.Checkout) -> start.Checkout:
    assert start.main(["test"], FakeMachine(checkout), checkout) == 0
    return checkout


# The app


def test_first_start_sets_up_and_serves(checkout: start.Checkout) -> None:
    machine = FakeMachine(checkout)
    assert start.main(["--port", "9000"], machine, checkout) == 0
    assert machine.steps() == ["-m venv", "requirements.txt", "serve"]
    assert machine.ran[-1] == f"{checkout.python} -m dongtou_geo serve --port 9000"
    assert len(machine.lines) == 3
    assert machine.errors == []


def test_second_start_only_serves(checkout: start.Checkout) -> None:
    machine = FakeMachine(ready(checkout))
    assert start.main([], machine, checkout) == 0
    assert machine.steps() == ["serve"]


def test_changed_requirements_are_installed_again(checkout: start.Checkout) -> None:
    ready(checkout).requirements("run").write_text("a==2\n")
    for expected in (["requirements.txt", "serve"], ["serve"]):
        machine = FakeMachine(checkout)
        start.main([], machine, checkout)
        assert machine.steps() == expected


def test_exit_code_of_the_app_is_passed_on(checkout: start.Checkout) -> None:
    assert start.main([], FakeMachine(checkout, failing=["serve"]), checkout) == 3


def test_ctrl_c_ends_quietly(checkout: start.Checkout) -> None:
    class Interrupted(FakeMachine):
        def run(self, command: Sequence[str], log: Path | None = None) -> int:
            raise KeyboardInterrupt

    machine = Interrupted(ready(checkout))
    assert start.main([], machine, checkout) == 130
    assert machine.lines[-1] == "已停止。"
    assert machine.errors == []


# The environment


def test_interrupted_environment_is_made_again(checkout: start.Checkout) -> None:
    failing = FakeMachine(checkout, failing=["-m venv"])
    assert start.main([], failing, checkout) == 1
    assert len(failing.errors) == 1
    machine = FakeMachine(checkout)
    assert start.main([], machine, checkout) == 0
    assert machine.steps() == ["-m venv", "requirements.txt", "serve"]
    assert not checkout.unfinished.exists()


def test_dead_environment_is_made_again(checkout: start.Checkout) -> None:
    machine = FakeMachine(ready(checkout), failing=["import sys, pip"])
    assert start.main([], machine, checkout) == 0
    assert machine.steps() == ["-m venv", "requirements.txt", "serve"]


def test_environment_made_by_hand_is_kept(checkout: start.Checkout) -> None:
    checkout.python.parent.mkdir(parents=True)
    checkout.python.touch()
    machine = FakeMachine(checkout)
    assert start.main([], machine, checkout) == 0
    assert machine.steps() == ["requirements.txt", "serve"]


@pytest.mark.parametrize(("admin", "code"), [(True, 0), (False, 1)])
def test_debian_python_without_venv(checkout: start.Checkout, admin: bool, code: int) -> None:
    machine = FakeMachine(checkout, admin=admin, ensurepip=False)
    assert start.main([], machine, checkout) == code
    package = f"python3.{sys.version_info[1]}-venv"
    assert package in (machine.ran[1] if admin else machine.errors[0])


def test_windows_layout() -> None:
    python = start.Checkout(Path("x"), windows=True).python
    assert python.as_posix() == "x/.venv/Scripts/python.exe"


# pip


def test_failed_pip_is_one_line_and_tried_again(checkout: start.Checkout) -> None:
    machine = FakeMachine(checkout, failing=["pip install"])
    assert start.main([], machine, checkout) == 1
    assert len(machine.errors) == 1
    assert "无法联网" in machine.errors[0]
    assert "\n" not in machine.errors[0]
    assert not start.is_installed(checkout, "run")
    again = FakeMachine(checkout)
    start.main([], again, checkout)
    assert again.steps() == ["requirements.txt", "serve"]


def test_pip_takes_only_pinned_wheels(checkout: start.Checkout) -> None:
    command = start.pip_command(checkout, "run")
    assert "--require-hashes" in command
    assert "--no-index" not in command
    assert command[-2:] == ["-r", str(checkout.requirements("run"))]


def test_wheels_folder_replaces_the_network(checkout: start.Checkout) -> None:
    checkout.wheels.mkdir()
    command = start.pip_command(checkout, "run")
    assert command[command.index("--no-index") + 1 :][:2] == ["--find-links", str(checkout.wheels)]
    assert "wheels 文件夹缺少" in start.pip_advice("No matching distribution", checkout, "run")


@pytest.mark.parametrize(
    ("log", "advice"),
    [
        ("after connection broken by 'NewConnectionError'", "无法联网"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES", "校验值不符"),
        ("[Errno 28] No space left on device", "磁盘空间不足"),
        ("ERROR: No matching distribution found", "没有适合本机的安装包"),
    ],
)
def test_advice_fits_the_cause(checkout: start.Checkout, log: str, advice: str) -> None:
    assert advice in start.pip_advice(log, checkout, "run")


def test_missing_requirements_are_named(checkout: start.Checkout) -> None:
    checkout.requirements("run").unlink()
    machine = FakeMachine(checkout)
    assert start.main([], machine, checkout) == 1
    assert machine.errors == ["缺少文件 requirements.txt：请重新取得完整的程序目录。"]


def test_unwritable_folder_is_one_line(tmp_path: Path) -> None:
    checkout = start.Checkout(tmp_path / "absent")
    machine = FakeMachine(checkout)
    assert start.main([], machine, checkout) == 1
    assert len(machine.errors) == 1
    assert str(checkout.venv) in machine.errors[0]


# The tests


def test_checks_run_in_order_and_all_of_them(checkout: start.Checkout) -> None:
    machine = FakeMachine(checkout, failing=["ruff"])
    assert start.main(["test", "-q", "tests/x.py"], machine, checkout) == 1
    setup = ["-m venv", "requirements.txt", "requirements-dev.txt"]
    assert machine.steps() == [*setup, "ruff", "mypy", "pytest"]
    assert machine.ran[-1].endswith("-m pytest -q tests/x.py")
    assert machine.lines[-1] == "检查未通过：ruff"


def test_missing_system_packages_are_installed(checkout: start.Checkout) -> None:
    machine = FakeMachine(checkout, commands=["apt-get"])
    start.ensure_system(machine)
    office = " ".join(start.OFFICE)
    assert f"chromium postgresql-postgis gdal-bin {office} fonts-noto" in machine.ran[1]
    assert len(machine.lines) == 1


@pytest.mark.parametrize("machine_has", [{"admin": False}, {"commands": []}])
def test_what_is_skipped_is_named(checkout: start.Checkout, machine_has: dict) -> None:
    machine = FakeMachine(checkout, **{"commands": ["apt-get"], **machine_has})
    start.ensure_system(machine)
    assert machine.ran == []
    words = ("浏览器", "PostGIS", "GDAL", "Office", "字体")
    assert all(word in line for word, line in zip(words, machine.lines, strict=True))


def test_complete_system_is_left_alone(checkout: start.Checkout) -> None:
    start.ensure_system(machine := FakeMachine(checkout))
    assert machine.ran == machine.lines == []


def test_browser_off_the_path_is_found(checkout: start.Checkout) -> None:
    chrome = start.BROWSER_FILES[0]
    assert start.find_browser(FakeMachine(checkout, commands=[chrome])) == chrome
    assert start.find_browser(FakeMachine(checkout, commands=[])) is None


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (POSTGIS, "/usr/lib/postgresql/15/bin"),
        ([name.replace("15", v) for v in ("9", "14", "17") for name in POSTGIS], "/17/"),
        ([*POSTGIS, POSTGIS[0].replace("15", "17")], "/15/"),  # the newer one has no PostGIS
        (POSTGIS[1:], None),
    ],
)
def test_the_newest_postgresql_that_has_postgis_is_found(
    checkout: start.Checkout, files: Sequence[str], found: str | None
) -> None:
    programs = start.find_postgis(FakeMachine(checkout, commands=files))
    assert programs is None if found is None else found in f"{programs}/"


# Real processes


@pytest.mark.parametrize("encoding", ["ascii", "gbk", "utf-8"])
def test_help_prints_on_any_console(encoding: str) -> None:
    command = [sys.executable, "start.py", "--help"]
    env = {**os.environ, "PYTHONIOENCODING": encoding}
    result = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, check=True)
    assert b"start.py test" in result.stdout
    assert encoding == "ascii" or "测试" in result.stdout.decode(encoding)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to pass on")
def test_end_of_the_child_is_passed_on(tmp_path: Path) -> None:
    machine = start.Machine(tmp_path)
    log = tmp_path / "log"
    assert machine.run([sys.executable, "-c", "print(1); raise SystemExit(7)"], log) == 7
    assert log.read_text().strip() == "1"
    end_itself = "import os; os.kill(os.getpid(), 9)"
    assert machine.run([sys.executable, "-c", end_itself]) == 128 + signal.SIGKILL
    end_parent = "import os, time; os.kill(os.getppid(), 15); time.sleep(60)"
    assert machine.run([sys.executable, "-c", end_parent]) == 128 + signal.SIGTERM


def test_old_pythons_can_read_the_file_and_are_told() -> None:
    ast.parse((ROOT / "start.py").read_text("utf-8"), feature_version=(3, 7))
    assert "当前为 3.10" in start.python_problem((3, 10))
    assert start.python_problem((3, 11)) == start.python_problem((3, 14)) == ""


@pytest.mark.parametrize(("no_skip", "code"), [("0", 0), ("1", 1)])
def test_skip_is_a_failure_in_ci(tmp_path: Path, no_skip: str, code: int) -> None:
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = browser\n")
    (tmp_path / "test_a.py").write_text(
        "import pytest\n@pytest.mark.skip\ndef test_skipped(): ...\n"
        "@pytest.mark.xfail\ndef test_known(): assert False\n"
    )
    (tmp_path / "test_b.py").write_text(
        "import pytest\npytest.skip('all', allow_module_level=True)"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    env = {**os.environ, "DONGTOU_GEO_NO_SKIP": no_skip, "PYTHONPATH": str(ROOT)}
    # Without this, collection stops at the module that skips itself.
    command.append("--continue-on-collection-errors")
    result = subprocess.run(
        command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert result.returncode == code, result.stdout
    closing = "2 errors" if code else "2 skipped"
    assert closing in result.stdout
    assert "1 xfailed" in result.stdout


# The requirements


def pins(name: str) -> dict[str, Requirement]:
    """Pinned packages of a requirements file, each with at least one hash."""
    text = (ROOT / name).read_text("utf-8").replace("\\\n", " ")
    found = {}
    for line in re.findall(r"^[a-z].*$", text, re.MULTILINE):
        spec, *hashes = line.split("--hash=")
        assert hashes
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}\s*", value) for value in hashes)
        requirement = Requirement(spec)
        assert str(requirement.specifier).startswith("==")
        assert requirement.name not in found, "one version for every system and Python"
        found[requirement.name] = requirement
    return found


def test_requirements_pin_what_the_project_declares() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    declared = {
        "requirements.txt": project["project"]["dependencies"],
        "requirements-dev.txt": project["dependency-groups"]["dev"],
    }
    for name, lines in declared.items():
        pinned = pins(name)
        for requirement in map(Requirement, lines):
            version = str(pinned[requirement.name.lower()].specifier).removeprefix("==")
            assert requirement.specifier.contains(version), f"{name}: {requirement}"


def test_both_files_agree() -> None:
    run, test = pins("requirements.txt"), pins("requirements-dev.txt")
    assert {name: run[name].specifier for name in run.keys() & test.keys()} == {
        name: test[name].specifier for name in run.keys() & test.keys()
    }


@pytest.mark.parametrize("name", start.REQUIREMENTS.values())
def test_requirements_name_no_source(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert "uv pip compile" in text.splitlines()[1]
    assert not re.search(r"://|^\s*-(?!-hash)|/opt|\bfile:", text, re.MULTILINE)
