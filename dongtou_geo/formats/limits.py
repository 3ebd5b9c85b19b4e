"""What reading one sent file may take: time, memory and size, as the environment chose."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from dongtou_geo.errors import UsageError

GIB = 2**30


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one file may take.

    Parameters
    ----------
    seconds : float
        Wall time.
    memory_bytes : int
        Address space of the reading process; not enforced on Windows, perhaps not on macOS.
    file_bytes : int
        A file of this size or larger is not even opened.
    """

    seconds: float = 600.0
    memory_bytes: int = 6 * GIB
    file_bytes: int = 4 * GIB

    @property
    def sentence(self) -> str:
        """Return time and memory as users read them."""
        return f"内存上限 {self.memory_bytes / GIB:g} GiB，时间上限 {self.seconds:g} 秒"


DEFAULT_LIMITS = Limits()


def limits_from(environ: Mapping[str, str]) -> Limits:
    """Read the limits from environment variables.

    Parameters
    ----------
    environ : mapping of str to str
        ``DONGTOU_GEO_INTAKE_SECONDS``, ``DONGTOU_GEO_INTAKE_MEMORY_GIB`` and
        ``DONGTOU_GEO_INTAKE_FILE_GIB``; what is missing or empty stays at its default.

    Returns
    -------
    Limits
        The limits, checked.

    Raises
    ------
    UsageError
        If one is no number or out of range.
    """
    default = DEFAULT_LIMITS
    seconds = _number(environ, "DONGTOU_GEO_INTAKE_SECONDS", (1.0, 86_400.0), default.seconds)
    memory_gib = _number(
        environ, "DONGTOU_GEO_INTAKE_MEMORY_GIB", (1.0, 1024.0), default.memory_bytes / GIB
    )
    file_gib = _number(
        environ, "DONGTOU_GEO_INTAKE_FILE_GIB", (0.001, 1024.0), default.file_bytes / GIB
    )
    return Limits(seconds, int(memory_gib * GIB), int(file_gib * GIB))


def _number(
    environ: Mapping[str, str], name: str, bounds: tuple[float, float], default: float
) -> float:
    text = environ.get(name, "").strip()
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    low, high = bounds
    if not low <= value <= high:
        msg = f"{name}“{text}”无效，应为 {low:g} 至 {high:g} 的数"
        raise UsageError(msg)
    return value
