"""Style sheets and scripts: read and compressed once, kept by browsers under an address that changes with them."""

from __future__ import annotations

import gzip
import mimetypes
from collections.abc import Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tracepost.console.rendering import ASSETS, asset_path

_KEPT: Final = {"cache-control": "public, max-age=31536000, immutable", "vary": "accept-encoding"}


def asset_routes() -> Sequence[BaseRoute]:
    """Return a route for each file; a name that is none of them leads nowhere."""
    return [_route(path.name, path.read_bytes()) for path in sorted(ASSETS.iterdir())]


def _route(name: str, plain: bytes) -> Route:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    small = gzip.compress(plain, 9, mtime=0)

    async def answer(request: Request) -> Response:
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(small, media_type=kind, headers={**_KEPT, "content-encoding": "gzip"})
        return Response(plain, media_type=kind, headers=_KEPT)

    return Route(asset_path(name), answer)
