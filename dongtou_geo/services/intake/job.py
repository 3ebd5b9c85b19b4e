"""A long piece of work beside the page: it tells how far it is, and can be cancelled."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from dongtou_geo.errors import DongtouGeoError

Result = TypeVar("Result")
Tell = Callable[[str], None]
Cancelled = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Watch:
    """Who looks on while work is done.

    Parameters
    ----------
    tell : callable
        Told what is being done, in Chinese.
    cancelled : callable
        Asked whether to stop.
    """

    tell: Tell = lambda _words: None
    cancelled: Cancelled = lambda: False


class CancelledError(DongtouGeoError):
    """Raise in the work when the clerk has cancelled it; nothing has been written."""


class Job(Generic[Result]):
    """One piece of work in a thread of its own.

    Parameters
    ----------
    work : callable
        Takes a function to tell what it is doing, in Chinese, and one that says whether it has
        been cancelled; returns the result.
    """

    def __init__(self, work: Callable[[Tell, Cancelled], Result]) -> None:
        self._work = work
        self._cancelled = threading.Event()
        self._done = threading.Event()
        self._doing = "排队中"
        self._result: Result | None = None
        self._error: DongtouGeoError | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def doing(self) -> str:
        """Return what it is doing now, in Chinese."""
        return self._doing

    @property
    def done(self) -> bool:
        """Tell whether it has ended, well or not."""
        return self._done.is_set()

    def cancel(self) -> None:
        """Ask the work to stop; what it was doing is given up."""
        self._cancelled.set()

    def wait(self, seconds: float) -> bool:
        """Wait for the end, and tell whether it has come.

        Parameters
        ----------
        seconds : float
            No longer than this.
        """
        return self._done.wait(seconds)

    def result(self) -> Result:
        """Return what the work returned, or raise what it raised.

        Raises
        ------
        DongtouGeoError
            What went wrong, in words for the clerk.
        """
        self._done.wait()
        if self._error is not None:
            raise self._error
        assert self._result is not None
        return self._result

    def _run(self) -> None:
        try:
            self._result = self._work(self._tell, self._cancelled.is_set)
        except DongtouGeoError as error:
            self._error = error
        except Exception as error:
            # A thread must not die in silence: the page would wait for ever.
            self._error = DongtouGeoError(f"程序内部错误，文件没有入库：{type(error).__name__}")
            self._error.__cause__ = error
        finally:
            self._done.set()

    def _tell(self, words: str) -> None:
        if self._cancelled.is_set():
            msg = "已取消，台账没有改变"
            raise CancelledError(msg)
        self._doing = words
