"""Tiles of the parcels, and what the browser asks about single ones."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from dongtou_geo.domain.day import parse_day
from dongtou_geo.errors import DongtouGeoError
from dongtou_geo.maps.payload import parcel_properties
from dongtou_geo.services.shelf import LedgerShelf
from dongtou_geo.services.tile_source import stories_of
from dongtou_geo.tiles.address import TileAddressError, tile_address
from dongtou_geo.tiles.encoder import TileTooLargeError, encode_on
from dongtou_geo.tiles.standing import RETRY_AFTER_S, TileShelf

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
REVALIDATED = "private, no-cache"
FIRST_DAY = date(2000, 1, 1)
# As many labels as a screen holds.
MOST_ASKED = 300


def tile_routes(tiles: TileShelf, shelf: LedgerShelf, *, prefix: str = "") -> list[Route]:
    """Return the routes that the map's parcels need.

    Parameters
    ----------
    tiles : TileShelf
        The app's tiles.
    shelf : LedgerShelf
        The app's ledger.
    prefix : str
        Path prefix, "" or "/gis".
    """

    def tile(request: Request) -> Response:
        return _in_words(lambda: _tile(request, tiles))

    def state(_request: Request) -> Response:
        busy = tiles.look()
        return _in_words(lambda: _json(_state(tiles, busy=busy)))

    def some(request: Request) -> Response:
        return _in_words(lambda: _json(_asked(request, tiles, shelf)))

    def found(request: Request) -> Response:
        text = request.query_params.get("q", "")[:64]
        return _in_words(lambda: _json(tiles.standing().ids.find(text)))

    data = f"{prefix}/assets/data"
    return [
        Route(f"{prefix}/tiles/parcels/{{z}}/{{x}}/{{y}}.mvt", tile),
        Route(f"{data}/tiles.json", state),
        Route(f"{data}/parcels.json", some),
        Route(f"{data}/find.json", found),
    ]


def _in_words(answer: Callable[[], Response]) -> Response:
    try:
        return answer()
    except TileAddressError as error:
        return PlainTextResponse(str(error), status_code=400)
    except TileTooLargeError as error:
        return PlainTextResponse(str(error), status_code=400)
    except DongtouGeoError as error:
        headers = {"Retry-After": str(RETRY_AFTER_S), "Cache-Control": "no-store"}
        return PlainTextResponse(str(error), status_code=503, headers=headers)


def _tile(request: Request, tiles: TileShelf) -> Response:
    address = tile_address(*(request.path_params[name] for name in "zxy"))
    place = (address.z, address.x, address.y)
    asked = request.query_params.get("as_of")
    if asked is None:
        found = tiles.tile(*place)
        return _answered(request, found.version, lambda: found.gzipped)
    day = parse_day(asked)
    if day is None:
        words = f"日期“{asked[:40]}”无法识别，应形如 2018-12-31"
        return PlainTextResponse(words, status_code=400)
    index = tiles.standing().index
    version = f"{index.tile_version(*place)}-{day}"

    def made() -> bytes:
        plain = encode_on(index, *place, (day - FIRST_DAY).days)
        return gzip.compress(plain, 1, mtime=0) if plain else b""

    return _answered(request, version, made)


def _answered(request: Request, version: str, made: Callable[[], bytes]) -> Response:
    # Weak: the same tile may be sent packed or not.
    tag = f'W/"{version}"'
    headers = {
        "ETag": tag,
        "Cache-Control": REVALIDATED,
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    known = request.headers.get("if-none-match", "")
    if known == "*" or tag in (word.strip() for word in known.split(",")):
        return Response(status_code=304, headers=headers)
    body = made()
    if not body:
        return Response(status_code=204, headers=headers)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(gzip.decompress(body), media_type=MEDIA_TYPE, headers=headers)
    return Response(body, media_type=MEDIA_TYPE, headers={**headers, "Content-Encoding": "gzip"})


def _state(tiles: TileShelf, *, busy: bool) -> dict[str, object]:
    if busy:
        return {"busy": True, "version": None, "bounds": None}
    standing = tiles.standing()
    return {"busy": False, "version": standing.version, "bounds": standing.index.degrees()}


def _asked(request: Request, tiles: TileShelf, shelf: LedgerShelf) -> list[dict[str, object]]:
    words = request.query_params.get("ids", "").split(",")[:MOST_ASKED]
    ids = [int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 19]
    names = tiles.standing().ids
    known = {parcel_id: number for parcel_id in ids if (number := names.number(parcel_id))}
    stories = stories_of(shelf.ledger(), list(known.values()))
    return [
        parcel_properties(*stories[number], parcel_id)
        for parcel_id, number in known.items()
        if number in stories
    ]


def _json(content: object) -> Response:
    return JSONResponse(content, headers={"Cache-Control": "no-store"})
