"""Where a tile lies: its address, and the whole numbers that its coordinates are counted in."""

from __future__ import annotations

from dataclasses import dataclass

from dongtou_geo.errors import DongtouGeoError

MAX_ZOOM = 20
EXTENT_BITS = 12
EXTENT = 1 << EXTENT_BITS
# A stroke of up to 4 px at the edge of a tile still sees the outline beyond it.
BUFFER = 64
# The world is 2**32 units wide, the units of a tile at the deepest zoom (9 mm on the ground), with
# 0 at 0 degrees: a coordinate is an int32, and any zoom is a shift away.
WORLD_BITS = MAX_ZOOM + EXTENT_BITS

Box = tuple[int, int, int, int]


class TileAddressError(DongtouGeoError):
    """Raise when a tile's address names no tile."""


@dataclass(frozen=True, slots=True)
class TileAddress:
    """A tile that exists: XYZ scheme, Web Mercator, row 0 in the north.

    Parameters
    ----------
    z, x, y : int
        Zoom, column, row.

    Raises
    ------
    TileAddressError
        If there is no such tile.
    """

    z: int
    x: int
    y: int

    def __post_init__(self) -> None:
        """Refuse what lies outside the world."""
        if not 0 <= self.z <= MAX_ZOOM:
            message = f"瓦片地址无效：缩放级别 {_shown(self.z)} 应为 0 至 {MAX_ZOOM} 的整数"
            raise TileAddressError(message)
        last = (1 << self.z) - 1
        for name, value in (("列号 x", self.x), ("行号 y", self.y)):
            if not 0 <= value <= last:
                message = (
                    f"瓦片地址无效：{name} 为 {_shown(value)}，"
                    f"缩放级别 {self.z} 时应为 0 至 {last} 的整数"
                )
                raise TileAddressError(message)

    @property
    def shift(self) -> int:
        """How many bits finer world units are than this tile's units."""
        return MAX_ZOOM - self.z

    @property
    def origin(self) -> tuple[int, int]:
        """North-west corner, world units."""
        half = 1 << (WORLD_BITS - 1)
        return (self.x << (WORLD_BITS - self.z)) - half, (self.y << (WORLD_BITS - self.z)) - half

    def box(self, buffer: int = 0) -> Box:
        """Bounds in world units.

        Parameters
        ----------
        buffer : int
            How far beyond the tile, tile units.

        Returns
        -------
        tuple of int
            West, north, east, south.
        """
        west, north = self.origin
        low, high = -(buffer << self.shift), (EXTENT + buffer) << self.shift
        return west + low, north + low, west + high, north + high


def tile_address(z: object, x: object, y: object) -> TileAddress:
    """Read a tile's address as it stands in a URL.

    Parameters
    ----------
    z, x, y : object
        Whole numbers, or text that is one.

    Returns
    -------
    TileAddress
        The tile.

    Raises
    ------
    TileAddressError
        If one of them is no whole number or there is no such tile.
    """
    return TileAddress(*map(_whole, ("缩放级别 z", "列号 x", "行号 y"), (z, x, y)))


def _whole(name: str, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    # isdigit alone also takes other scripts' digits; a long row of them would take int() a while.
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 10:
        return int(value)
    message = f"瓦片地址无效：{name} 为“{_shown(value)}”，应为整数"
    raise TileAddressError(message)


def _shown(value: object) -> str:
    text = str(value) if not isinstance(value, int) or abs(value) < 10**18 else "过大的数"
    return text if len(text) <= 20 else f"{text[:20]}…"
