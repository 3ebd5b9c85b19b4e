"""The house rules: floors, owners of libraries, sizes, names, and nothing from outside.

Each check takes the root of a tree and returns its complaints; the last test shows with small
offending trees that every one of them can fail.
"""

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "dongtou_geo"

# Lowest first. Imports go down only; rooms on one floor do not know each other.
FLOORS = (
    {"__init__"},
    {"errors"},
    {"settings"},
    {"domain"},
    {"frames"},
    {"formats", "store", "metrics", "catalog"},
    {"services"},
    {"reports", "maps", "tiles"},
    {"ui", "api", "cli"},
    {"__main__"},
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
STANDARD_LIBRARY_ONLY = {"__init__", "errors", "settings", "domain"}
OWNERS = {
    "streamlit": {"ui", "app"},
    "streamlit_folium": {"ui", "app"},
    "folium": {"maps"},
    "branca": {"maps"},
    "sqlalchemy": {"store"},
    "pyogrio": {"formats"},
    "fiona": {"formats"},
    "osgeo": {"formats"},
}
# geopandas opens files through GDAL under these names.
FILE_ACCESS = {"read_file", "to_file"}
# `import dongtou_geo` and the command line must start at once.
HEAVY = ("streamlit", "folium", "geopandas")

MAX_FILE_LINES = 399
MAX_PAGE_LINES = 150
MAX_DOOR_LINES = 60
MAX_FUNCTION_LINES = 40
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}

NOT_OURS = {"data", "wheels", "dist"}
SEEN_BY_BROWSER = ("ui", "api", "maps", "tiles")
BROWSER_SUFFIXES = {".py", ".js", ".css", ".html", ".svg", ".json"}
ADDRESS = re.compile(
    r"""\b(?:https?|wss?):\\?/\\?/(?P<host>[^\s/"'`<>()\\]+)"""
    r"""|["'`(]//(?P<bare>[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)"""
)
# SVG and XML name spaces are names, nobody loads them; the rest is this computer.
OWN_HOSTS = {"www.w3.org", "127.0.0.1", "localhost", "[::1]"}
PLACEHOLDER_HOST = re.compile(r"\$?\{[^}]*\}")


def python_files(root: Path) -> list[Path]:
    """Every Python file of the tree that people write."""
    files = ((path, path.relative_to(root).parts) for path in root.rglob("*.py"))
    return sorted(
        path
        for path, parts in files
        if parts[0] not in NOT_OURS and not any(part.startswith(".") for part in parts)
    )


def source(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def room_of(root: Path, path: Path) -> str | None:
    """The room a file lies in; "app" for the door, None outside the house."""
    parts = path.relative_to(root).with_suffix("").parts
    if parts == ("app",):
        return "app"
    return parts[1] if parts[0] == PACKAGE and len(parts) > 1 else None


def house(root: Path) -> Iterator[tuple[Path, str, str]]:
    """Each file of the package and the door: path, room, and name for complaints."""
    for path in python_files(root):
        room = room_of(root, path)
        if room:
            yield path, room, path.relative_to(root).as_posix()


def imported(root: Path, path: Path) -> Iterator[tuple[str, int]]:
    """Full dotted names that a file imports, inside functions too, with their lines."""
    package = path.relative_to(root).parent.parts
    for node in ast.walk(source(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = [*above, *([node.module] if node.module else [])]
            yield from ((".".join([*base, alias.name]), node.lineno) for alias in node.names)


def imports_go_down(root: Path) -> list[str]:
    complaints = []
    for path, room, name in house(root):
        if room == "app":
            continue
        if room not in FLOOR:
            complaints.append(f"{name}: room '{room}' has no floor")
            continue
        for module, line in imported(root, path):
            top, _, inner = module.partition(".")
            if top != PACKAGE:
                continue
            target = inner.split(".")[0]
            target = target if target in FLOOR else "__init__"
            if target != room and FLOOR[target] >= FLOOR[room]:
                complaints.append(f"{name}:{line}: '{room}' must not know '{target}'")
    return complaints


def libraries_have_owners(root: Path) -> list[str]:
    complaints = []
    for path, room, name in house(root):
        for module, line in imported(root, path):
            library = module.split(".")[0]
            if room not in OWNERS.get(library, {room}):
                owners = ", ".join(sorted(OWNERS[library]))
                complaints.append(f"{name}:{line}: {library} belongs to {owners}")
            if (
                room in STANDARD_LIBRARY_ONLY
                and library != PACKAGE
                and library not in sys.stdlib_module_names
            ):
                complaints.append(f"{name}:{line}: '{room}' uses the standard library only")
    return complaints


def files_are_opened_in_formats(root: Path) -> list[str]:
    return [
        f"{name}:{node.lineno}: GDAL file access ({node.attr}) belongs to formats"
        for path, room, name in house(root)
        if room != "formats"
        for node in ast.walk(source(path))
        if isinstance(node, ast.Attribute) and node.attr in FILE_ACCESS
    ]


def files_are_short(root: Path) -> list[str]:
    complaints = []
    for path in python_files(root):
        name = path.relative_to(root).as_posix()
        limit = MAX_FILE_LINES
        if name == "app.py":
            limit = MAX_DOOR_LINES
        elif name.startswith(f"{PACKAGE}/ui/pages/"):
            limit = MAX_PAGE_LINES
        lines = len(path.read_text("utf-8").splitlines())
        if lines > limit:
            complaints.append(f"{name}: {lines} lines, at most {limit}")
    return complaints


def code_lines(path: Path) -> set[int]:
    """Lines that hold code: no blanks, comments or docstrings."""
    text = path.read_text("utf-8")
    silent = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    lines = {
        line
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type not in silent
        for line in range(token.start[0], token.end[0] + 1)
    }
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


def functions_are_short(root: Path) -> list[str]:
    """Tests are let off: a browser test tells its story step by step."""
    complaints = []
    for path in python_files(root):
        name = path.relative_to(root).as_posix()
        if name.startswith("tests/"):
            continue
        code = code_lines(path)
        for node in ast.walk(source(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                end = node.end_lineno or node.lineno
                length = len(code & set(range(node.lineno, end + 1)))
                if length > MAX_FUNCTION_LINES:
                    complaints.append(f"{name}:{node.lineno}: {node.name} has {length} lines")
    return complaints


def names_say_what_is_inside(root: Path) -> list[str]:
    return [
        f"{name}: say what is inside, not '{part}'"
        for path, _, name in house(root)
        for part in path.relative_to(root).with_suffix("").parts
        if part in VAGUE_NAMES
    ]


def public_things_are_documented(root: Path) -> list[str]:
    def undocumented(body: list[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        for node in body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield from undocumented(node.body)
            elif (
                isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                and not node.name.startswith("_")
                and not any(ast.unparse(mark).endswith("overload") for mark in node.decorator_list)
                and ast.get_docstring(node) is None
            ):
                yield node

    return [
        f"{name}:{node.lineno}: {node.name} has no docstring"
        for path, _, name in house(root)
        for node in undocumented(source(path).body)
    ]


def imports_are_light(root: Path) -> list[str]:
    places = {
        "__init__.py": PACKAGE,
        "cli.py": f"{PACKAGE}.cli",
        "cli/__init__.py": f"{PACKAGE}.cli",
    }
    modules = [module for file, module in places.items() if (root / PACKAGE / file).is_file()]
    script = (
        f"import sys; sys.path.insert(0, '.'); import {', '.join(modules or ['sys'])}; "
        f"print(*[name for name in {HEAVY} if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=False
    )
    if result.returncode:
        return [f"import of {modules} failed: {result.stderr.strip().splitlines()[-1]}"]
    return [f"{' / '.join(modules)} imports {name}" for name in result.stdout.split()]


def nothing_comes_from_outside(root: Path) -> list[str]:
    complaints = []
    for folder in SEEN_BY_BROWSER:
        for path in sorted((root / PACKAGE / folder).rglob("*")):
            if path.suffix not in BROWSER_SUFFIXES:
                continue
            lines = path.read_text("utf-8").splitlines()
            for number, line in enumerate(lines, start=1):
                for match in ADDRESS.finditer(line):
                    host = match["host"] or match["bare"]
                    bare = re.sub(r":(\d+|\$?\{[^}]*\})$", "", host)
                    if bare not in OWN_HOSTS and not PLACEHOLDER_HOST.fullmatch(bare):
                        name = path.relative_to(root).as_posix()
                        complaints.append(f"{name}:{number}: address of another host: {host}")
    return complaints


def fields_at(file: str, line: int) -> set[str]:
    """Annotated fields of the class at a line: what a dataclass takes."""
    classes = (node for node in ast.walk(source(Path(file))) if isinstance(node, ast.ClassDef))
    body = next((node.body for node in classes if node.lineno == line), [])
    names = (node.target for node in body if isinstance(node, ast.AnnAssign))
    return {name.id for name in names if isinstance(name, ast.Name)}


def docstrings_fit(root: Path) -> list[str]:
    """numpydoc's complaints, by [tool.numpydoc_validation]; it does not know dataclasses."""
    files = [str(path) for path, _, _ in house(root)]
    if not files:
        return []
    command = [sys.executable, "-m", "numpydoc", "lint", "--config", str(ROOT), *files]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    complaints = []
    for finding in filter(None, result.stderr.splitlines() if result.returncode else []):
        place = re.match(r"(.+?):(\d+): PR02 Unknown parameters (\{.*\})", finding)
        unknown = ast.literal_eval(place[3]) if place else set()
        if not place or unknown - fields_at(place[1], int(place[2])):
            complaints.append(finding)
    return complaints


CHECKS = (
    imports_go_down,
    libraries_have_owners,
    files_are_opened_in_formats,
    files_are_short,
    functions_are_short,
    names_say_what_is_inside,
    public_things_are_documented,
    docstrings_fit,
    imports_are_light,
    nothing_comes_from_outside,
)
Check = Callable[[Path], list[str]]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_house_keeps_its_rules(check: Check) -> None:
    assert check(ROOT) == []


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_empty_tree_has_no_complaints(check: Check, tmp_path: Path) -> None:
    assert check(tmp_path) == []


LONG_FUNCTION = "def f():\n" + "    x = 1\n" * MAX_FUNCTION_LINES
SECTION = '    """Do.\n\n    Parameters\n    ----------\n    x : int\n        It.\n    """\n'
OFFENCES: list[tuple[Check, str, str, str]] = [
    (imports_go_down, "domain/a.py", "import dongtou_geo.frames", "must not know 'frames'"),
    (imports_go_down, "store/a.py", "def f():\n    from ..metrics import x", "'metrics'"),
    (imports_go_down, "cli.py", "from dongtou_geo import ui", "must not know 'ui'"),
    (imports_go_down, "errors.py", "from .settings import X", "must not know 'settings'"),
    (imports_go_down, "attic/a.py", "", "has no floor"),
    (libraries_have_owners, "maps/a.py", "import streamlit as st", "belongs to app, ui"),
    (libraries_have_owners, "ui/pages/a.py", "from folium.map import Layer", "belongs to maps"),
    (libraries_have_owners, "services/a.py", "import sqlalchemy.orm", "belongs to store"),
    (libraries_have_owners, "catalog/a.py", "from pyogrio import x", "belongs to formats"),
    (libraries_have_owners, "domain/a.py", "import pandas", "standard library only"),
    (files_are_opened_in_formats, "catalog/a.py", "g.read_file('x')", "belongs to formats"),
    (files_are_short, "domain/a.py", "\n" * 400, "400 lines, at most 399"),
    (files_are_short, "ui/pages/a.py", "\n" * 151, "at most 150"),
    (files_are_short, "../app.py", "\n" * 61, "at most 60"),
    (functions_are_short, "domain/a.py", LONG_FUNCTION, "f has 41 lines"),
    (names_say_what_is_inside, "domain/utils.py", "", "not 'utils'"),
    (names_say_what_is_inside, "common/a.py", "", "not 'common'"),
    (public_things_are_documented, "domain/a.py", "def f(): ...", "f has no docstring"),
    (public_things_are_documented, "domain/a.py", "class A:\n def m(self): ...", "m has no"),
    (docstrings_fit, "domain/a.py", f"def f(y):\n{SECTION}", "PR02"),
    (docstrings_fit, "domain/a.py", f"class A:\n{SECTION}    y: int", "PR02"),
    (imports_are_light, "__init__.py", "import sys; sys.modules['folium'] = sys", "folium"),
    (imports_are_light, "cli.py", "import streamlit_not_there", "failed"),
    (imports_are_light, "cli/__init__.py", "import sys; sys.modules['geopandas'] = 1", "geopandas"),
    (nothing_comes_from_outside, "ui/static/a.js", "load('https://cdn.test/x')", "cdn.test"),
    (nothing_comes_from_outside, "maps/a.css", "url(//fonts.test/x)", "fonts.test"),
    (nothing_comes_from_outside, "maps/a.py", "X = 'https://{s}.tile.test/{z}'", "tile.test"),
]


@pytest.mark.parametrize(("check", "file", "text", "expected"), OFFENCES)
def test_every_check_can_fail(
    check: Check, file: str, text: str, expected: str, tmp_path: Path
) -> None:
    path = tmp_path / PACKAGE / file
    (tmp_path / PACKAGE).mkdir()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    complaints = check(tmp_path)
    assert len(complaints) == 1
    assert expected in complaints[0]


ALLOWED: list[tuple[Check, str, str]] = [
    (imports_go_down, "ui/a.py", "from ..services import x\nimport dongtou_geo.errors"),
    (imports_go_down, "store/a.py", "from . import schema\nfrom dongtou_geo import __version__"),
    (libraries_have_owners, "../app.py", "import streamlit"),
    (libraries_have_owners, "../scripts/a.py", "import pyogrio"),
    (functions_are_short, "a.py", 'def f():\n    """Say.' + "\n" * 60 + '"""\n    # why\n\n'),
    (functions_are_short, "../tests/test_a.py", LONG_FUNCTION),
    (docstrings_fit, "domain/a.py", f"class A:\n{SECTION}    x: int"),
    (nothing_comes_from_outside, "ui/a.js", "svg('http://www.w3.org/2000/svg') // a.b c"),
    (nothing_comes_from_outside, "ui/a.py", "x = f'http://{host}:{port}/healthz'"),
    (nothing_comes_from_outside, "api/a.py", "x = 'http://127.0.0.1:8501/'"),
]


@pytest.mark.parametrize(("check", "file", "text"), ALLOWED)
def test_checks_leave_good_code_alone(check: Check, file: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / PACKAGE / file
    (tmp_path / PACKAGE).mkdir()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    assert check(tmp_path) == []
