"""A ledger on a network share is refused, whatever the share is called."""

from pathlib import Path

import pytest

from dongtou_geo.errors import LedgerError
from dongtou_geo.store import opening, shares, upkeep
from dongtou_geo.store.address import file_url
from dongtou_geo.store.opening import create, open_ledger
from dongtou_geo.store.shares import mounted_share, network_share, refuse_share, windows_share

MOUNTS = """\
/dev/vda / ext4 rw,relatime 0 0
proc /proc proc rw 0 0
server:/export /mnt/nfs nfs4 rw,vers=4.2 0 0
//server/share /mnt/office\\040files cifs rw,vers=3.0 0 0
//server/share /mnt/smb smb3 rw 0 0
user@host: /home/zhang/far fuse.sshfs rw 0 0
C:\\134 /mnt/c 9p rw,aname=drvfs 0 0
tmpfs /mnt/nfs/local tmpfs rw 0 0
server:/export /mnt/covered nfs rw 0 0
/dev/vdb /mnt/covered ext4 rw 0 0
/dev/fuse /mnt/container fuse.lxcfs rw 0 0
broken line
"""


@pytest.mark.parametrize(
    ("path", "share"),
    [
        ("/srv/ledger.sqlite", None),
        ("/mnt/nfs/a/b/ledger.sqlite", "nfs4"),
        ("/mnt/nfs", "nfs4"),
        ("/mnt/nfsold/ledger.sqlite", None),
        ("/mnt/office files/ledger.sqlite", "cifs"),
        ("/mnt/smb/ledger.sqlite", "smb3"),
        ("/home/zhang/far/ledger.sqlite", "fuse.sshfs"),
        ("/mnt/c/Users/ledger.sqlite", "9p"),
        ("/mnt/nfs/local/ledger.sqlite", None),  # a disk of one's own within a share
        ("/mnt/covered/ledger.sqlite", None),  # the later mount covers the earlier
        ("/mnt/container/ledger.sqlite", None),
    ],
)
def test_the_deepest_mount_tells(path: str, share: str | None) -> None:
    assert mounted_share(Path(path), MOUNTS) == share


@pytest.mark.parametrize(
    ("path", "share"),
    [
        (r"\\server\share\ledger.sqlite", "UNC"),
        ("//server/share/ledger.sqlite", "UNC"),
        (r"\\?\UNC\server\share\ledger.sqlite", "UNC"),
        (r"Z:\ledger.sqlite", "网络驱动器 Z:"),
        ("z:/ledger.sqlite", "网络驱动器 z:"),
        (r"\\?\Z:\ledger.sqlite", "网络驱动器 Z:"),
        (r"C:\台账\ledger.sqlite", None),
        (r"\\?\C:\ledger.sqlite", None),
        ("ledger.sqlite", None),
    ],
)
def test_windows_paths(path: str, share: str | None) -> None:
    kinds = {"Z:\\": 4, "z:\\": 4, "C:\\": 3}
    assert windows_share(path, drive_type=kinds.__getitem__) == share


def test_a_folder_of_this_computer_is_no_share(tmp_path: Path) -> None:
    assert network_share(tmp_path / "not" / "there" / "yet.sqlite") is None


def test_the_refusal_names_the_file_the_share_and_the_reason() -> None:
    with pytest.raises(LedgerError) as refused:
        refuse_share(Path("/mnt/nfs/ledger.sqlite"), share_of=lambda _path: "nfs4")
    message = str(refused.value)
    assert all(part in message for part in ("/mnt/nfs/ledger.sqlite", "nfs4", "丢", "本机磁盘"))


def test_no_ledger_is_made_opened_or_restored_on_a_share_but_a_backup_may_lie_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, share = create(file_url(tmp_path / "ledger.sqlite")), tmp_path / "share"
    monkeypatch.setattr(
        shares, "network_share", lambda path: "cifs" if share in path.parents else None
    )
    upkeep.backup(ledger, share / "backup.sqlite")
    place = file_url(share / "ledger.sqlite")
    for use in (
        lambda: create(place),
        lambda: opening.open_ledger(file_url(share / "backup.sqlite")),
        lambda: upkeep.copy(ledger, place),
        lambda: upkeep.restore(share / "backup.sqlite", place, aside=share / "old"),
    ):
        with pytest.raises(LedgerError, match="网络共享盘"):
            use()
    assert [path.name for path in share.iterdir()] == ["backup.sqlite"]
    restored = file_url(tmp_path / "restored.sqlite")
    upkeep.restore(share / "backup.sqlite", restored, aside=share / "old")
    assert open_ledger(restored).identity() == ledger.identity()
