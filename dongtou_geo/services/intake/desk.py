"""数据入库 as it goes: the file on the desk, what was decided, what was found, what was written."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import unicodedata
import weakref
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from dongtou_geo.errors import DongtouGeoError
from dongtou_geo.formats.arrived import ChoiceNeededError
from dongtou_geo.formats.limits import DEFAULT_LIMITS, Limits
from dongtou_geo.services.intake.apply import apply
from dongtou_geo.services.intake.choices import Choices, Ground
from dongtou_geo.services.intake.examine import Examined, examine, examine_arrived
from dongtou_geo.services.intake.job import Cancelled, Job, Tell, Watch
from dongtou_geo.services.intake.memory import ColumnMemory
from dongtou_geo.services.shelf import LedgerShelf
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger, utc_now
from dongtou_geo.store.opening import create, open_ledger

_LONGEST_STEM_BYTES = 150
_UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')


@dataclass(frozen=True, slots=True)
class Done:
    """What was written.

    Parameters
    ----------
    import_id : str
        For undo.
    file, sha256 : str
        What came in.
    accepted, rejected : int
        Rows.
    counts : dict of str to int
        As the contract names them.
    """

    import_id: str
    file: str
    sha256: str
    accepted: int
    rejected: int
    counts: dict[str, int]


@dataclass(slots=True, weakref_slot=True)
class Desk:
    """One file on its way in.

    Parameters
    ----------
    name : str
        The file's own name.
    path : Path
        Where it lies for now; the folder goes when the desk does.
    memory : ColumnMemory
        What was said about columns before.
    choices : Choices
        What the clerk decided.
    """

    name: str
    path: Path
    memory: ColumnMemory
    choices: Choices = field(default_factory=Choices)
    job: Job[Examined] | None = None
    examined: Examined | None = None
    asked: ChoiceNeededError | None = None
    refused: str | None = None
    done: Done | None = None

    def settle(self) -> None:
        """Take over what the job found, once it has ended."""
        if self.job is None or not self.job.done:
            return
        job, self.job = self.job, None
        try:
            self.examined = job.result()
        except ChoiceNeededError as error:
            self.asked = error
        except DongtouGeoError as error:
            self.refused = str(error)


def put_down(name: str, content: bytes, memory: ColumnMemory) -> Desk:
    """Lay a file that came in on the desk.

    Parameters
    ----------
    name : str
        Its name, as its sender wrote it; only letters that a file system takes are kept.
    content : bytes
        Its bytes.
    memory : ColumnMemory
        What was said about columns before.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"dongtou-geo-{os.getpid()}-"))
    path = folder / safe_name(name)
    path.write_bytes(content)
    desk = Desk(name, path, memory)
    weakref.finalize(desk, shutil.rmtree, folder, ignore_errors=True)
    return desk


def safe_name(name: str) -> str:
    """Return a file name that names nothing but a file, with its stem and suffixes.

    Parameters
    ----------
    name : str
        Any text.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    clean = _UNFIT.sub("_", last).strip(". ") or "文件"
    stem, dot, suffix = clean.rpartition(".")
    if not dot:
        stem, suffix = clean, ""
    while len(stem.encode("utf-8", "ignore")) > _LONGEST_STEM_BYTES:
        stem = stem[:-1]
    whole = f"{stem}{dot}{suffix[:20]}"
    return whole.encode("utf-8", "ignore").decode("utf-8")


def start(desk: Desk, shelf: LedgerShelf, ground: Ground, limits: Limits = DEFAULT_LIMITS) -> None:
    """Begin to examine the file, beside the page.

    Parameters
    ----------
    desk : Desk
        With the choices as they are now.
    shelf : LedgerShelf
        The app's ledger.
    ground : Ground
        Parks.
    limits : Limits
        What reading may take.
    """
    desk.examined, desk.asked, desk.refused, desk.done = None, None, None, None
    choices = desk.choices

    def work(tell: Tell, cancelled: Cancelled) -> Examined:
        ledger = _compared_with(desk, shelf)
        return examine(
            desk.path, ledger, choices, ground, utc_now(),
            limits=limits, memory=desk.memory, watch=Watch(tell, cancelled),
        )  # fmt: skip

    desk.job = Job(work)


def confirm(
    desk: Desk, shelf: LedgerShelf, ground: Ground, clerk: str, now: datetime
) -> Done | None:
    """Write what was accepted.

    Parameters
    ----------
    desk : Desk
        Examined.
    shelf : LedgerShelf
        The app's ledger; where there is none, one is made at the default place.
    ground : Ground
        Parks.
    clerk : str
        Who confirms.
    now : datetime
        UTC.

    Returns
    -------
    Done or None
        None = nothing changes.

    Raises
    ------
    DongtouGeoError
        If it cannot be written; the ledger is as before.
    """
    examined = desk.examined
    assert examined is not None
    if shelf.chosen_url() is None:
        ledger = create(shelf.default_url())
        source = (examined.file, examined.sha256)
        examined = examine_arrived(examined.arrived, source, ledger, examined.choices, ground, now)
    else:
        ledger = shelf.ledger()
    import_id = apply(ledger, examined, clerk, now)
    if import_id is None:
        return None
    columns = [str(column) for column in examined.arrived.cells.columns]
    if examined.choices.columns:
        desk.memory.keep(columns, examined.choices.columns)
    desk.done = Done(
        import_id, examined.file, examined.sha256, examined.accepted,
        int(examined.rejected.sum()), examined.counts(),
    )  # fmt: skip
    return desk.done


def _compared_with(desk: Desk, shelf: LedgerShelf) -> Ledger:
    """Return the ledger that the file is for; where there is none yet, an empty one stands in."""
    if shelf.chosen_url() is not None:
        return shelf.ledger()
    path = desk.path.parent / "empty" / "ledger.sqlite"
    return open_ledger(file_url(path)) if path.exists() else create(file_url(path))
