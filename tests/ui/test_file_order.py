"""A file is of one state of the ledger, whatever happens to it meanwhile."""

from collections.abc import Iterator

import pytest

from dongtou_geo.domain.progress import LedgerStamp
from dongtou_geo.errors import LedgerError
from dongtou_geo.services.progress import LedgerView
from dongtou_geo.ui.components.file_order import TRIES, FileOffer, MadeFile, made_anew

FIRST, SECOND = (LedgerView(LedgerStamp(ledger_version=word), None) for word in ("甲-1", "乙-9"))


def told(view: LedgerView) -> MadeFile:
    version = view.stamp.ledger_version or ""
    return MadeFile(f"{version}.txt", "text/plain", version.encode())


OFFER = FileOffer("下载", "file", told)


def test_a_ledger_at_rest_gives_its_file_at_once() -> None:
    asked: list[LedgerView] = []

    def make(view: LedgerView) -> MadeFile:
        asked.append(view)
        return told(view)

    made, read = made_anew(FileOffer("下载", "file", make), lambda: FIRST)
    assert (made.content.decode(), made.name) == ("甲-1", "甲-1.txt")
    assert read is FIRST
    assert asked == [FIRST]


def test_a_swap_in_between_makes_the_file_anew_name_and_all() -> None:
    standing = iter([FIRST, SECOND, SECOND, SECOND])
    made, read = made_anew(OFFER, lambda: next(standing))
    assert (made.content.decode(), made.name) == ("乙-9", "乙-9.txt")
    assert read is SECOND


def test_another_file_of_the_same_version_is_another_ledger() -> None:
    twin = LedgerView(FIRST.stamp, None)
    standing = iter([FIRST, twin, twin, twin])
    _, read = made_anew(OFFER, lambda: next(standing))
    assert read is twin


def test_a_ledger_that_never_rests_gives_words_and_no_file() -> None:
    def restless() -> Iterator[LedgerView]:
        while True:
            yield LedgerView(FIRST.stamp, None)

    standing = restless()
    tried: list[LedgerView] = []

    def make(view: LedgerView) -> MadeFile:
        tried.append(view)
        return told(view)

    with pytest.raises(LedgerError, match="正在改动"):
        made_anew(FileOffer("下载", "file", make), lambda: next(standing))
    assert len(tried) == TRIES


def test_a_ledger_that_is_gone_says_so() -> None:
    def gone() -> LedgerView:
        message = "台账不存在"
        raise LedgerError(message)

    with pytest.raises(LedgerError, match="不存在"):
        made_anew(OFFER, gone)
