"""Write a layer of a Mapbox Vector Tile 2.1: every integer of it in one array, then in one pass.

Field numbers and commands are those of the Vector Tile Specification 2.1 and its vector_tile.proto.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dongtou_geo.tiles.address import EXTENT
from dongtou_geo.tiles.rings import Rings, runs

POINT, POLYGON = 1, 3
_MOVE_TO, _LINE_TO, _CLOSE_PATH = 1, 2, 7

_LAYER = 0x1A
_NAME, _FEATURE, _KEY, _VALUE, _EXTENT, _VERSION = 0x0A, 0x12, 0x1A, 0x22, 0x28, 0x78
_ID, _TAGS, _TYPE, _GEOMETRY = 0x08, 0x12, 0x18, 0x22
_STRING_VALUE, _UINT_VALUE, _SINT_VALUE = 0x0A, 0x28, 0x30
# Heads of a feature: its own tag and length, id, tags and their length; type, geometry's length.
_BEFORE_TAGS, _BEFORE_GEOMETRY = 6, 4
# A table by value is quicker than sorting while it fits in the processor's cache.
_TABLE_LIMIT = 1 << 21

Ints = NDArray[np.int64]
Tokens = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Features:
    """Features of one kind, each with a run of numbers as its tags.

    Parameters
    ----------
    kind : int
        ``POINT`` or ``POLYGON``.
    ids : ndarray of uint64
        One a feature.
    tag_counts : ndarray of int
        How many numbers each feature has.
    tags : ndarray of int
        The numbers, feature after feature; the j-th of a feature stands under the key prefix + j.
    geometry_counts : ndarray of int
        How many command and parameter integers each feature has.
    geometry : ndarray of int
        Those integers, zigzagged.
    """

    kind: int
    ids: NDArray[np.integer]
    tag_counts: NDArray[np.integer]
    tags: NDArray[np.integer]
    geometry_counts: NDArray[np.integer]
    geometry: NDArray[np.integer]


def all_of(parts: Sequence[Features]) -> Features:
    """Put features of one kind behind one another.

    Parameters
    ----------
    parts : sequence of Features
        At least one.
    """
    names = ("ids", "tag_counts", "tags", "geometry_counts", "geometry")
    arrays = (np.concatenate([getattr(part, name) for part in parts]) for name in names)
    return Features(parts[0].kind, *arrays)


def layer(name: str, prefix: str, features: Features, words: Sequence[str] | None = None) -> bytes:
    """Write a tile that holds one layer.

    Parameters
    ----------
    name : str
        The layer's name.
    prefix : str
        What the keys of the tags begin with.
    features : Features
        What stands in it.
    words : sequence of str, optional
        Where given, each feature has one tag, its key is the prefix alone, and its value the word
        whose place the number is.

    Returns
    -------
    bytes
        Empty where there is no feature.
    """
    if len(features.ids) == 0:
        return b""
    values, tag_value = _distinct(features.tags)
    key_count = int(features.tag_counts.max(initial=0))
    keys = (f"{prefix}{number}".encode() for number in range(key_count))
    written = _value_bytes(values)
    if words is not None:
        keys = (prefix.encode() for _ in range(1))
        texts = (_field(_STRING_VALUE, words[int(value)].encode()) for value in values)
        written = b"".join(_field(_VALUE, text) for text in texts)
    # In the order of field numbers: GDAL knows a tile by its first bytes.
    body = b"".join(
        [
            _field(_NAME, name.encode()),
            _feature_bytes(features, tag_value),
            *(_field(_KEY, key) for key in keys),
            written,
            varints(np.array([_EXTENT, EXTENT, _VERSION, 2], dtype=np.uint64)),
        ]
    )
    return _field(_LAYER, body)


def polygon_geometry(rings: Rings) -> tuple[Ints, Ints]:
    """Return the commands that draw rings.

    Parameters
    ----------
    rings : Rings
        Tile units, each with three vertices or more.

    Returns
    -------
    tuple of ndarray
        Owners' command integers one after another, and how many each ring has.
    """
    counts = rings.counts
    per_ring = 2 * counts + 3
    ends = np.cumsum(per_ring)
    starts = ends - per_ring
    commands = np.empty(int(ends[-1]) if len(ends) else 0, dtype=np.int64)
    commands[starts] = _MOVE_TO | 1 << 3
    commands[starts + 3] = _LINE_TO | (counts - 1) << 3
    commands[ends - 1] = _CLOSE_PATH | 1 << 3
    delta = np.empty_like(rings.vertices, dtype=np.int64)
    delta[1:] = rings.vertices[1:] - rings.vertices[:-1]
    # The pen starts anew with each feature; between rings it stays where the last one ended.
    first = np.ones(len(counts), dtype=bool)
    first[1:] = rings.owner[1:] != rings.owner[:-1]
    anew = rings.offsets[:-1][first]
    delta[anew] = rings.vertices[anew]
    place = np.repeat(starts + 2 - 2 * rings.offsets[:-1], counts) + 2 * np.arange(len(delta))
    # A ring's first vertex belongs to MoveTo, one place before where LineTo's would stand.
    place[rings.offsets[:-1]] -= 1
    zigzagged = zigzag(delta)
    commands[place], commands[place + 1] = zigzagged[:, 0], zigzagged[:, 1]
    return commands, per_ring


def point_geometry(points: Ints) -> tuple[Ints, Ints]:
    """Return the commands that draw one point a feature.

    Parameters
    ----------
    points : ndarray of int, (n, 2)
        Tile units.

    Returns
    -------
    tuple of ndarray
        Command integers, and how many each point has.
    """
    move = np.full(len(points), _MOVE_TO | 1 << 3)
    commands = np.column_stack([move, zigzag(points)])
    return commands.ravel(), np.full(len(points), 3)


def zigzag(numbers: Ints) -> Ints:
    """Fold signed integers so that small ones of either sign become small ones.

    Parameters
    ----------
    numbers : ndarray of int
        Signed.
    """
    return (numbers << 1) ^ (numbers >> 63)


def varints(tokens: Tokens) -> bytes:
    """Write integers in base 128, the lowest seven bits first.

    Parameters
    ----------
    tokens : ndarray of uint64
        What to write, in order.
    """
    return _written(tokens, _sizes(tokens))


def _sizes(tokens: Tokens) -> NDArray[np.int64]:
    sizes = np.ones(len(tokens), dtype=np.int64)
    largest = int(tokens.max(initial=0))
    for bits in range(7, 64, 7):
        if largest >> bits == 0:
            break
        sizes += tokens >= np.uint64(1 << bits)
    return sizes


def _written(tokens: Tokens, sizes: NDArray[np.int64]) -> bytes:
    place = np.cumsum(sizes) - sizes
    out = np.empty(int(sizes.sum()), dtype=np.uint8)
    out[place] = tokens
    rest = np.flatnonzero(sizes > 1)
    while len(rest):
        out[place[rest]] |= 0x80
        place = place[rest] + 1
        tokens = tokens[rest] >> np.uint64(7)
        sizes = sizes[rest] - 1
        out[place] = tokens
        rest = np.flatnonzero(sizes > 1)
    return out.tobytes()


def _field(tag: int, content: bytes) -> bytes:
    return bytes([tag]) + varints(np.array([len(content)], dtype=np.uint64)) + content


def _feature_bytes(features: Features, tag_value: NDArray[np.integer]) -> bytes:
    tag_tokens = 2 * features.tag_counts
    per_feature = _BEFORE_TAGS + tag_tokens + _BEFORE_GEOMETRY + features.geometry_counts
    ends = np.cumsum(per_feature)
    starts = ends - per_feature
    tags = starts + _BEFORE_TAGS
    middle = tags + tag_tokens
    tokens = np.zeros(int(ends[-1]), dtype=np.uint64)
    tokens[starts], tokens[starts + 2], tokens[starts + 3] = _FEATURE, _ID, features.ids
    tokens[starts + 4] = _TAGS
    tokens[middle], tokens[middle + 1], tokens[middle + 2] = _TYPE, features.kind, _GEOMETRY
    number, place = _spread(features.tag_counts, tags, 2)
    tokens[place], tokens[place + 1] = number, tag_value
    tokens[_spread(features.geometry_counts, middle + _BEFORE_GEOMETRY, 1)[1]] = features.geometry
    # Lengths are varints too, and a feature's counts those of its tags and geometry.
    sizes = _sizes(tokens)
    passed = np.concatenate([[0], np.cumsum(sizes)])
    tag_length, length = starts + 5, starts + 1
    geometry_length = middle + 3
    tokens[tag_length] = passed[middle] - passed[tags]
    tokens[geometry_length] = passed[ends] - passed[middle + _BEFORE_GEOMETRY]
    sizes[tag_length] = _sizes(tokens[tag_length])
    sizes[geometry_length] = _sizes(tokens[geometry_length])
    own = passed[ends] - passed[starts + 2] + sizes[tag_length] + sizes[geometry_length] - 2
    tokens[length] = own
    sizes[length] = _sizes(tokens[length])
    return _written(tokens, sizes)


def _spread(counts: NDArray[np.integer], first: Ints, step: int) -> tuple[Ints, Ints]:
    """Number within its run, and place, of every member of runs that begin at `first`."""
    number = runs(np.zeros_like(counts), counts)
    return number, np.repeat(first, counts) + step * number


def _distinct(numbers: NDArray[np.integer]) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
    """Values that occur, ascending, and where each number stands among them."""
    if len(numbers) == 0:
        return numbers, numbers
    lowest = int(numbers.min())
    span = int(numbers.max()) - lowest + 1
    if span > _TABLE_LIMIT:
        values, inverse = np.unique(numbers, return_inverse=True)
        return values, inverse
    offset = numbers - lowest
    seen = np.zeros(span, dtype=bool)
    seen[offset] = True
    return np.flatnonzero(seen) + lowest, (np.cumsum(seen) - 1)[offset]


def _value_bytes(values: NDArray[np.integer]) -> bytes:
    """Each value as uint, or as sint where it is negative: what PostGIS does with integers."""
    signed = np.asarray(values, dtype=np.int64)
    tokens = np.empty((len(signed), 4), dtype=np.uint64)
    tokens[:, 0] = _VALUE
    tokens[:, 2] = np.where(signed < 0, _SINT_VALUE, _UINT_VALUE)
    tokens[:, 3] = np.where(signed < 0, zigzag(signed), signed)
    tokens[:, 1] = 1 + _sizes(tokens[:, 3])
    return varints(tokens.ravel())
