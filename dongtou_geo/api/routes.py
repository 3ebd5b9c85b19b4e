"""Health, the map's files and what it draws from. Unknown paths under our prefixes are 404."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from dongtou_geo import __version__
from dongtou_geo.api.tiles import tile_routes
from dongtou_geo.errors import DongtouGeoError
from dongtou_geo.maps.documents import DOCUMENTS, MapDocuments
from dongtou_geo.maps.offline import BUNDLES, asset_folders, bundled
from dongtou_geo.services.shelf import LedgerShelf
from dongtou_geo.tiles.standing import TileShelf

OWN_PREFIXES = ("assets", "tiles", "healthz", "ogc")
FOREVER = "private, max-age=31536000, immutable"
NEVER = "no-store"
MEDIA_TYPES = {"js": "text/javascript", "css": "text/css"}


def routes(
    documents: MapDocuments, shelf: LedgerShelf, tiles: TileShelf, *, prefix: str = ""
) -> list[BaseRoute]:
    """Return every route that the app answers beside its pages.

    Parameters
    ----------
    documents : MapDocuments
        The map's JSON.
    shelf : LedgerShelf
        The app's ledger.
    tiles : TileShelf
        Its tiles.
    prefix : str
        Path prefix, "" or "/gis".
    """

    def health(_request: Request) -> Response:
        try:
            version = shelf.view().stamp.ledger_version
        except DongtouGeoError as error:
            return JSONResponse({"status": "error", "message": str(error)}, status_code=503)
        return JSONResponse({"status": "ok", "version": __version__, "ledger_version": version})

    def data(request: Request) -> Response:
        return _data(request, documents)

    found: list[BaseRoute] = [
        Route(f"{prefix}/healthz", health),
        *tile_routes(tiles, shelf, prefix=prefix),
        Route(f"{prefix}/assets/data/{{name}}.json", data),
        *(Route(f"{prefix}/assets/map/{name}", _bundle) for name in BUNDLES),
    ]
    leaflet = asset_folders().leaflet
    if leaflet is not None:
        # A folder that is gone is named by the page: the app must start for that.
        served = StaticFiles(directory=leaflet, check_dir=False)
        found.append(Mount(f"{prefix}/assets/leaflet", served))
    # Streamlit answers any unknown path with its page and 200: under our own prefixes a wrong
    # address must be a 404, or a broken map looks like a working one.
    for own in OWN_PREFIXES:
        found.append(Route(f"{prefix}/{own}", _not_found))
        found.append(Route(f"{prefix}/{own}/{{rest:path}}", _not_found))
    # On /progress Streamlit's page first asks for /progress/_stcore/…, then for /_stcore/…, and
    # a browser prints every 404 as an error; 304 is "not here" to the page and silent.
    for probe in ("health", "host-config"):
        found.append(Route(f"{prefix}/{{page}}/_stcore/{probe}", _not_here))
    return found


def _data(request: Request, documents: MapDocuments) -> Response:
    name = request.path_params["name"]
    if name not in DOCUMENTS:
        return _not_found(request)
    try:
        version, body = documents.document(name)
    except DongtouGeoError as error:
        return PlainTextResponse(str(error), status_code=503)
    return _versioned(request, version, body, "application/json")


def _bundle(request: Request) -> Response:
    name = request.url.path.rpartition("/")[2]
    version, body = bundled(name)
    return _versioned(request, version, body, MEDIA_TYPES[name.rpartition(".")[2]])


def _versioned(request: Request, version: str, body: str | bytes, media_type: str) -> Response:
    """Answer with what may be kept for ever where its version was asked for by name."""
    caching = FOREVER if request.query_params.get("v") == version else NEVER
    headers = {
        "Cache-Control": caching,
        "ETag": f'"{version}"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(body, media_type=media_type, headers=headers)


def _not_here(_request: Request) -> Response:
    return Response(status_code=304)


def _not_found(_request: Request) -> Response:
    return PlainTextResponse("没有这个地址", status_code=404)
