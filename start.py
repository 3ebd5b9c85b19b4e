#!/usr/bin/env python3
"""Set up and run 洞头产业空间一张图 from a fresh checkout; standard library only.

``python3 start.py [options of serve]`` makes ``.venv``, installs the requirements, runs the app;
``python3 start.py test [options of pytest]`` runs every check. A second start takes no network.
"""

import contextlib
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

MINIMUM_PYTHON = (3, 11)


def python_problem(version: "tuple[int, int]") -> str:
    """Say why this Python cannot run the app, or an empty string when it can."""
    if version >= MINIMUM_PYTHON:
        return ""
    found = ".".join(str(part) for part in version)
    return f"需要 Python 3.11 或更新版本，当前为 {found}。请安装后重试（python.org 或系统软件源）。"


# Here and not in main(): the annotations below are more than an old Python can evaluate.
if python_problem(sys.version_info[:2]):
    sys.exit(python_problem(sys.version_info[:2]))

EXIT_INTERRUPTED = 130
GRACE_SECONDS = 10
REQUIREMENTS = {"run": "requirements.txt", "test": "requirements-dev.txt"}
USAGE = """\
python3 start.py [serve 的参数]        准备环境并启动一张图（默认 127.0.0.1:8501）
python3 start.py test [pytest 的参数]  准备测试环境并运行全部检查"""

BROWSER_COMMANDS = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge",
)  # fmt: skip
# Where browsers live on systems that do not put them on PATH.
BROWSER_FILES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)


class SetupError(Exception):
    """Raise when the setup cannot go on; the message is one Chinese line for the user."""


class Checkout(NamedTuple):
    """The files of one checkout that matter here."""

    root: Path
    windows: bool = os.name == "nt"  # layout of the virtual environment

    @property
    def venv(self) -> Path:
        """Folder of the virtual environment."""
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        """Python of the virtual environment."""
        return self.venv / ("Scripts/python.exe" if self.windows else "bin/python")

    @property
    def unfinished(self) -> Path:
        """Marker that stands while the environment is made; one left behind asks for a new one."""
        return self.venv / ".dongtou-unfinished"

    @property
    def wheels(self) -> Path:
        """Folder of packages for computers without network."""
        return self.root / "wheels"

    @property
    def pip_log(self) -> Path:
        """What pip said last."""
        return self.venv / "dongtou-pip.log"

    def requirements(self, kind: str) -> Path:
        """File of pinned packages, by kind (run, test)."""
        return self.root / REQUIREMENTS[kind]

    def stamp(self, kind: str) -> Path:
        """File that remembers which requirements were installed."""
        return self.venv / f".dongtou-{kind}.sha256"


class Machine:
    """What this script asks of the computer; tests hand in another one."""

    def __init__(self, root: Path) -> None:
        """Let every command work in ``root``."""
        self.root = root

    def say(self, text: str) -> None:
        """Tell the user what is being done."""
        print(text, flush=True)

    def complain(self, text: str) -> None:
        """Tell the user what went wrong."""
        print(text, file=sys.stderr, flush=True)

    def run(self, command: Sequence[str], log: Path | None = None) -> int:
        """Run a command, its output to a log if one is named; return 128 + n after signal n."""
        with log.open("wb") if log else contextlib.nullcontext() as sink:
            process = subprocess.Popen(command, cwd=self.root, stdout=sink, stderr=sink)
            code = _wait(process)
        return code if code >= 0 else 128 - code

    def output(self, command: Sequence[str]) -> str | None:
        """Return what a command prints, or None when it fails."""
        result = subprocess.run(command, cwd=self.root, capture_output=True, check=False)
        return result.stdout.decode(errors="replace") if result.returncode == 0 else None

    def which(self, name: str) -> str | None:
        """Find a command on PATH."""
        return shutil.which(name)

    def is_file(self, path: str) -> bool:
        """Tell whether a file exists outside the checkout."""
        return Path(path).is_file()

    def has_module(self, name: str) -> bool:
        """Tell whether the Python that runs this script has a module."""
        return importlib.util.find_spec(name) is not None

    def has_bundled_fonts(self) -> bool:
        """Tell whether the system brings Chinese fonts along."""
        return sys.platform in ("win32", "darwin")

    def may_install(self) -> bool:
        """Tell whether system packages can be installed: Debian's tools, and root."""
        return hasattr(os, "geteuid") and os.geteuid() == 0 and bool(self.which("apt-get"))


def _wait(process: subprocess.Popen[bytes]) -> int:
    """Wait for a child; whatever ends this script ends the child first."""
    previous = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    try:
        return process.wait()
    except KeyboardInterrupt:
        # The console has sent Ctrl-C to the child as well: let it close its files.
        with contextlib.suppress(KeyboardInterrupt, subprocess.TimeoutExpired):
            process.wait(timeout=GRACE_SECONDS)
        process.terminate()
        process.wait()
        raise
    finally:
        signal.signal(signal.SIGTERM, previous)


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def is_installed(checkout: Checkout, kind: str) -> bool:
    """Tell whether the stamp names exactly the requirements that lie here now."""
    stamp = checkout.stamp(kind)
    if not stamp.is_file():
        return False
    return stamp.read_text("ascii").strip() == fingerprint(checkout.requirements(kind))


def pip_command(checkout: Checkout, kind: str) -> list[str]:
    """Return the command that installs the pinned packages of one kind.

    Only wheels with a known hash are taken: nothing is compiled on a user's computer, and nothing
    that a mirror changed gets in. A folder ``wheels/`` replaces the network.
    """
    command = [str(checkout.python), "-m", "pip", "install", "--require-hashes"]
    command += ["--only-binary", ":all:", "--no-input", "--disable-pip-version-check"]
    command += ["--progress-bar", "off"]
    if checkout.wheels.is_dir():
        command += ["--no-index", "--find-links", str(checkout.wheels)]
    return [*command, "-r", str(checkout.requirements(kind))]


def pip_advice(log: str, checkout: Checkout, kind: str) -> str:
    """Return in one line why pip failed, by its log, and what the user can do."""
    name = REQUIREMENTS[kind]
    download = f"python3 -m pip download --only-binary :all: -r {name} -d wheels"
    if "No space left" in log:
        cause = "磁盘空间不足，请腾出约 2 GB 后重试"
    elif "DO NOT MATCH THE HASHES" in log:
        cause = f"安装包与 {name} 的校验值不符（可能被镜像或网络改动），请换用其他软件源"
    elif checkout.wheels.is_dir():
        cause = f"wheels 文件夹缺少本机所需的安装包，请在同类系统上重新下载：{download}"
    elif "connection broken by" in log or "Max retries exceeded" in log:
        cause = (
            f"无法联网。请联网后重试；或在能联网的同类系统上执行 {download}，"
            "再把 wheels 文件夹放到 start.py 旁"
        )
    else:
        cause = f"软件源没有适合本机的安装包，或无法联网（也可用 {download} 备好 wheels 文件夹）"
    return f"依赖安装失败：{cause}。详见 {checkout.pip_log}"


def ensure_venv(machine: Machine, checkout: Checkout) -> None:
    """Make the virtual environment, unless one stands that is whole."""
    probe = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    if (
        checkout.python.exists()
        and not checkout.unfinished.exists()
        and machine.output([str(checkout.python), "-c", probe]) is not None
    ):
        return
    _ensure_venv_module(machine)
    again = "重建不完整的" if checkout.venv.exists() else "新建"
    machine.say(f"环境：{again}运行环境 .venv …")
    if checkout.venv.exists():
        shutil.rmtree(checkout.venv)
    checkout.venv.mkdir()
    checkout.unfinished.touch()
    if machine.run([sys.executable, "-m", "venv", str(checkout.venv)]) != 0:
        message = f"运行环境创建失败：请检查磁盘空间和 {checkout.root} 的写权限后重试。"
        raise SetupError(message)
    checkout.unfinished.unlink()


def _ensure_venv_module(machine: Machine) -> None:
    """Debian and Ubuntu ship Python without the part that makes environments."""
    if machine.has_module("ensurepip"):
        return
    package = f"python3.{sys.version_info[1]}-venv"
    if not machine.may_install():
        message = f"本机 Python 缺少 venv 组件，请先安装：sudo apt install {package}"
        raise SetupError(message)
    install_system_packages(machine, [package])


def ensure_requirements(machine: Machine, checkout: Checkout, kind: str) -> None:
    """Install one kind of requirements, unless its stamp says that they are in."""
    name = REQUIREMENTS[kind]
    if not checkout.requirements(kind).is_file():
        message = f"缺少文件 {name}：请重新取得完整的程序目录。"
        raise SetupError(message)
    if is_installed(checkout, kind):
        machine.say(f"依赖：{name} 已就绪，无需联网。")
        return
    source = " wheels 文件夹" if checkout.wheels.is_dir() else "网络"
    machine.say(f"依赖：从{source}安装 {name}，首次需几分钟 …")
    if machine.run(pip_command(checkout, kind), checkout.pip_log) != 0:
        log = checkout.pip_log.read_text("utf-8", "replace")
        raise SetupError(pip_advice(log, checkout, kind))
    checkout.stamp(kind).write_text(fingerprint(checkout.requirements(kind)) + "\n", "ascii")


def find_browser(machine: Machine) -> str | None:
    """Return the Chromium (or a sibling of it) that browser tests can drive."""
    on_path = (machine.which(name) for name in BROWSER_COMMANDS)
    installed = (path for path in BROWSER_FILES if machine.is_file(path))
    return next((path for path in on_path if path), None) or next(installed, None)


def find_postgis(machine: Machine) -> str | None:
    """Return the folder of the newest PostgreSQL server's programs that comes with PostGIS."""
    for version in range(30, 11, -1):
        programs = f"/usr/lib/postgresql/{version}/bin"
        files = (f"{programs}/initdb", f"/usr/share/postgresql/{version}/extension/postgis.control")
        if all(map(machine.is_file, files)):
            return programs
    return None


def has_chinese_font(machine: Machine) -> bool:
    """Tell whether Chinese text can be drawn; without fontconfig nobody knows, so no."""
    if machine.has_bundled_fonts():
        return True
    return bool(machine.which("fc-list") and machine.output(["fc-list", ":lang=zh", "family"]))


class Need(NamedTuple):
    """Something of the system that tests need."""

    met: Callable[[Machine], object]
    packages: tuple[str, ...]  # Debian's
    without: str  # what is lost without it, for the user


OFFICE = ("libreoffice-calc-nogui", "libreoffice-impress-nogui")
IMPRESS = "/usr/lib/libreoffice/program/libsdlo.so"
NEEDS = (
    Need(find_browser, ("chromium",), "未找到 Chromium，浏览器测试将跳过"),
    Need(find_postgis, ("postgresql-postgis",), "未找到 PostgreSQL + PostGIS，其测试将跳过"),
    Need(lambda m: m.which("ogr2ogr"), ("gdal-bin",), "未找到 GDAL 命令，互读测试将跳过"),
    Need(lambda m: m.is_file(IMPRESS), OFFICE, "未找到 LibreOffice（Calc、Impress），同上"),
    Need(has_chinese_font, ("fonts-noto-cjk", "fontconfig"), "未找到中文字体，截图不可作准"),
)


def install_system_packages(machine: Machine, packages: Sequence[str]) -> None:
    """Install Debian packages; whether that helped is for the caller to look."""
    machine.say(f"系统：安装 {'、'.join(packages)} …")
    apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-oDPkg::Lock::Timeout=300"]
    machine.run([*apt, "update"])
    machine.run([*apt, "install", "-y", "--no-install-recommends", *packages])


def ensure_system(machine: Machine) -> None:
    """Install what tests need of the system where that is possible; name what is missing."""
    packages = [name for need in NEEDS if not need.met(machine) for name in need.packages]
    if packages and machine.may_install():
        install_system_packages(machine, packages)
    for need in NEEDS:
        if not need.met(machine):
            machine.say(f"系统：{need.without}（可自行安装 {'、'.join(need.packages)}）。")


def serve_command(checkout: Checkout, options: Sequence[str]) -> list[str]:
    """Return the command that runs the app."""
    return [str(checkout.python), "-m", "dongtou_geo", "serve", *options]


def check_commands(checkout: Checkout, options: Sequence[str]) -> dict[str, list[str]]:
    """Return the checks by name, in the order in which they run; pytest is last, it is longest."""
    python = str(checkout.python)
    return {
        "ruff": [python, "-m", "ruff", "check", "."],
        "mypy": [python, "-m", "mypy"],
        "pytest": [python, "-m", "pytest", *options],
    }


def start_app(machine: Machine, checkout: Checkout, options: Sequence[str]) -> int:
    """Prepare the environment, run the app and return its exit code."""
    ensure_venv(machine, checkout)
    ensure_requirements(machine, checkout, "run")
    machine.say("启动：洞头产业空间一张图（按 Ctrl-C 停止）")
    return machine.run(serve_command(checkout, options))


def run_checks(machine: Machine, checkout: Checkout, options: Sequence[str]) -> int:
    """Prepare the test environment, run every check and return 1 if one of them failed."""
    ensure_venv(machine, checkout)
    ensure_requirements(machine, checkout, "run")
    ensure_requirements(machine, checkout, "test")
    ensure_system(machine)
    failed = []
    for name, command in check_commands(checkout, options).items():
        machine.say(f"检查：{name} …")
        if machine.run(command) != 0:
            failed.append(name)
    machine.say(f"检查未通过：{'、'.join(failed)}" if failed else "检查全部通过。")
    return 1 if failed else 0


def main(arguments: Sequence[str], machine: Machine, checkout: Checkout) -> int:
    """Do what the command line asks for.

    Parameters
    ----------
    arguments : sequence of str
        The words after ``start.py``.
    machine : Machine
        The computer to work on.
    checkout : Checkout
        The checkout to work in.

    Returns
    -------
    int
        Exit code: that of the app or the checks, 1 when the setup failed, 130 after Ctrl-C.
    """
    if list(arguments) in (["-h"], ["--help"]):
        machine.say(USAGE)
        return 0
    try:
        if arguments[:1] == ["test"]:
            return run_checks(machine, checkout, arguments[1:])
        return start_app(machine, checkout, arguments)
    except KeyboardInterrupt:
        machine.say("已停止。")
        return EXIT_INTERRUPTED
    except SetupError as error:
        machine.complain(str(error))
    except OSError as error:
        place = error.filename or checkout.root
        machine.complain(f"无法读写 {place}：{error.strerror or error}。")
    return 1


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        # A Windows console may be GBK or worse: a sign it lacks must not end the setup.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    here = Path(__file__).resolve().parent
    sys.exit(main(sys.argv[1:], Machine(here), Checkout(here)))
