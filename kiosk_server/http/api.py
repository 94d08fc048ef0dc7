"""The HTTP application: every endpoint through the one shell, every error in the one shape, one line of log each."""

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import anyio.to_thread
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as AsgiMessage

from kiosk_server.http import errors
from kiosk_server.http.endpoints import Endpoint, add_endpoint
from kiosk_server.http.kiosk_api import KIOSK_ENDPOINTS
from kiosk_server.http.openapi import SECURITY_SCHEMES, describe, docs_page, schemas
from kiosk_server.http.user_api import USER_ENDPOINTS
from kiosk_server.services.house import House

ENDPOINTS: Final[tuple[Endpoint[Any], ...]] = (*KIOSK_ENDPOINTS, *USER_ENDPOINTS)
WORKER_THREADS: Final = 10
"""As many as there are database connections: more would only wait for one."""

log = logging.getLogger("kiosk_server.http")


def create_api(house: House) -> FastAPI:
    """Return the application that serves ``house``. No CORS: no foreign page has business here."""
    app = FastAPI(
        title="Atrium", docs_url=None, redoc_url=None, openapi_url=None, lifespan=_lifespan, redirect_slashes=False
    )
    for endpoint in ENDPOINTS:
        add_endpoint(app.router, house, endpoint, describe(endpoint))
    _add_documents(app)
    errors.install(app)
    app.add_middleware(RequestLog)
    return app


@asynccontextmanager
async def _lifespan(_: FastAPI) -> AsyncIterator[None]:
    anyio.to_thread.current_default_thread_limiter().total_tokens = WORKER_THREADS
    yield


def _add_documents(app: FastAPI) -> None:
    document = app.openapi()
    components = document.setdefault("components", {})
    components["schemas"] = components.get("schemas", {}) | schemas(ENDPOINTS)
    components["securitySchemes"] = SECURITY_SCHEMES
    page = docs_page(ENDPOINTS)

    def openapi_document() -> JSONResponse:
        return JSONResponse(document)

    def api_docs() -> HTMLResponse:
        return HTMLResponse(page, headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"})

    app.add_api_route("/api/openapi.json", openapi_document, methods=["GET"], include_in_schema=False)
    app.add_api_route("/api/docs", api_docs, methods=["GET"], include_in_schema=False)


class RequestLog:
    """Logs method, the route's template, status and duration: no query, no header, no identifier of a person."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request and log it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.monotonic(), 500

        async def watch(message: AsgiMessage) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            route = getattr(scope.get("route"), "path", "-")
            log.info("%s %s %d %.0f ms", scope["method"], route, status, (time.monotonic() - started) * 1000)
