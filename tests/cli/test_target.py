"""Where a file cannot go: every command that writes one says so alike, in Chinese, and makes nothing."""

import errno
import re
from pathlib import Path

import pytest

from dongtou_geo.cli import main
from dongtou_geo.cli.target import TargetError, checked_target
from dongtou_geo.formats.exporting import unwritable
from dongtou_geo.services.sample import make_sample
from dongtou_geo.services.serving import PortError, serve
from dongtou_geo.store.address import file_url

Capture = pytest.CaptureFixture[str]
COMMANDS = [
    (("map",), "图.html"),
    (("map",), "图.pdf"),
    (("report", "deck"), "汇报.pptx"),
    (("report", "sheets"), "各页.pdf"),
    (("report", "sheets"), "图片"),
    (("ledger", "export"), "台账.xlsx"),
    (("ledger", "template"), "模板.xlsx"),
]


@pytest.fixture(scope="module")
def sample_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("sample") / "sample.sqlite"
    make_sample(path)
    return file_url(path)


def refused(capsys: Capture, command: tuple[str, ...], target: Path, url: str) -> str:
    """Run a command that must refuse its target, and return the one line it says."""
    ledger = () if command[-1] == "template" else ("--ledger", url)
    code = main([*command, str(target), *ledger])
    out, err = capsys.readouterr()
    assert (code, out, err.count("\n")) == (1, "", 1)
    reason = err.replace(str(target), "")
    assert "无法写入" in reason
    # What the system says in its own language: no such file, permission denied.
    assert not re.search(r"[A-Za-z]{3,} [a-z]", reason)
    return err


@pytest.mark.parametrize(("command", "name"), COMMANDS)
def test_a_missing_folder_is_named_and_not_made(
    capsys: Capture, sample_url: str, tmp_path: Path, command: tuple[str, ...], name: str
) -> None:
    said = refused(capsys, command, tmp_path / "会议" / "六月" / name, sample_url)
    assert f"文件夹 {tmp_path / '会议'} 不存在" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("command", "name"), COMMANDS)
def test_a_folder_that_is_a_file_is_named_and_left_alone(
    capsys: Capture, sample_url: str, tmp_path: Path, command: tuple[str, ...], name: str
) -> None:
    (tmp_path / "会议").write_text("x", encoding="utf-8")
    said = refused(capsys, command, tmp_path / "会议" / name, sample_url)
    assert f"{tmp_path / '会议'} 是文件，不是文件夹" in said
    assert (tmp_path / "会议").read_text(encoding="utf-8") == "x"


@pytest.mark.parametrize(("command", "name"), COMMANDS)
def test_a_path_of_4096_characters_is_too_long_in_chinese(
    capsys: Capture, sample_url: str, tmp_path: Path, command: tuple[str, ...], name: str
) -> None:
    step = "a" * 200
    folder = Path(str(tmp_path), *[step] * 20)
    target = folder / ("b" * (4096 - len(str(folder)) - len(name) - 1) + name)
    assert len(str(target)) == 4096
    assert "过长" in refused(capsys, command, target, sample_url)
    named = tmp_path / ("名" * 200 + name)
    assert "过长" in refused(capsys, command, named, sample_url)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("command", "name"), [pair for pair in COMMANDS if "." in pair[1]])
def test_a_folder_in_the_files_place_is_refused_and_kept(
    capsys: Capture, sample_url: str, tmp_path: Path, command: tuple[str, ...], name: str
) -> None:
    (tmp_path / name).mkdir()
    assert "这是文件夹，应写到文件名" in refused(capsys, command, tmp_path / name, sample_url)
    assert (tmp_path / name).is_dir()


def test_a_file_in_the_place_of_the_folder_of_pictures_is_kept(
    capsys: Capture, sample_url: str, tmp_path: Path
) -> None:
    (tmp_path / "图片").write_text("x", encoding="utf-8")
    said = refused(capsys, ("report", "sheets"), tmp_path / "图片", sample_url)
    assert "应为文件夹" in said
    assert (tmp_path / "图片").read_text(encoding="utf-8") == "x"


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("图:1.pdf", ":"),
        ("图?.pdf", "?"),
        ("aux.pdf", "保留"),
        ("CON", "保留"),
        ("图.", "结尾"),
        ("a ", "结尾"),
    ],
)
def test_names_that_windows_refuses_are_refused_there_alone(
    tmp_path: Path, name: str, word: str
) -> None:
    with pytest.raises(TargetError, match=re.escape(word)):
        checked_target(tmp_path / name, windows=True)
    checked_target(tmp_path / name, windows=False)
    checked_target(tmp_path / "图（一）.pdf", windows=True)


@pytest.mark.parametrize(
    ("number", "word"),
    [(errno.EACCES, "没有写入权限"), (errno.EROFS, "只读"), (errno.EINVAL, "无效")],
)
def test_what_the_system_refuses_while_writing_has_words(number: int, word: str) -> None:
    said = str(unwritable(Path("图.pdf"), OSError(number, "Permission denied")))
    assert word in said
    assert "Permission" not in said


def test_an_address_of_another_machine_is_refused_without_the_systems_words() -> None:
    with pytest.raises(PortError, match="不能监听") as told:
        serve(host="192.0.2.1", port=8643)
    assert not re.search(r"[A-Za-z]{3,} [a-z]", str(told.value))
