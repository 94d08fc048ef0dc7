"""From what went wrong to what is answered: always ``{"error", "message"}``, never a traceback, never a value."""

import logging
from collections.abc import Mapping
from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from kiosk_protocol.errors import EncodingError
from kiosk_protocol.messages import Envelope, ErrorBody, RevokedBody, decode, encode
from kiosk_protocol.proofs import NONCE_HEADER
from kiosk_server.domain.problems import (
    BadRequestError,
    ForbiddenError,
    NonceWantedError,
    NotFoundError,
    Problem,
    RevokedError,
    TooManyError,
    UnauthenticatedError,
    WrongStateError,
)
from kiosk_server.services.failures import DatabaseFullError, StoreError

log = logging.getLogger(__name__)

STATUS: Final[Mapping[type[Problem], int]] = {
    BadRequestError: 400,
    UnauthenticatedError: 401,
    RevokedError: 401,
    NonceWantedError: 401,
    ForbiddenError: 403,
    NotFoundError: 404,
    WrongStateError: 409,
    TooManyError: 429,
}

_FRAMEWORK: Final[Mapping[int, tuple[str, str]]] = {
    404: ("not_found", "There is nothing here."),
    405: ("method_not_allowed", "This address does not take this method."),
    413: ("too_large", "The request is larger than 1 MiB."),
}


def error_response(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return a refusal in its one shape."""
    body = encode(ErrorBody(error=code, message=message))
    return Response(body, status, dict(headers or {}), "application/json")


def install(app: FastAPI) -> None:
    """Translate every exception at the border."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(EncodingError, _encoding)
    app.add_exception_handler(StoreError, _store)
    app.add_exception_handler(HTTPException, _framework)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _bug)


def _problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101 - registered for this class; narrows the type
    headers = {"WWW-Authenticate": 'DPoP algs="EdDSA", Bearer'} if isinstance(error, UnauthenticatedError) else None
    if isinstance(error, NonceWantedError):
        # RFC 9449 §8: the challenge names the error, the header brings the nonce.
        headers = {"WWW-Authenticate": 'DPoP error="use_dpop_nonce", algs="EdDSA"', NONCE_HEADER: error.nonce}
    if isinstance(error, RevokedError):
        envelope = decode(error.revocation, Envelope)
        body = RevokedBody(error="device_revoked", message=error.message, revocation=envelope)
        return Response(encode(body), STATUS[RevokedError], headers, "application/json")
    return error_response(STATUS[type(error)], error.code, error.message, headers)


def _encoding(_: Request, error: Exception) -> Response:
    code = error.code if isinstance(error, EncodingError) else "not_json"
    return error_response(400, code, "The request's body is not what this address takes.")


def _store(_: Request, error: Exception) -> Response:
    assert isinstance(error, StoreError)  # noqa: S101 - registered for this class; narrows the type
    log.error("%s %s %s", error.code, type(error).__name__, error.detail)
    if isinstance(error, DatabaseFullError):
        return error_response(503, "storage_full", "The server has no space left; nothing was changed.")
    return error_response(503, "database_unavailable", "The server cannot reach its database; nothing was changed.")


def _framework(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    code, message = _FRAMEWORK.get(status, ("bad_request", "The request cannot be understood."))
    return error_response(status, code, message)


def _gone(_: Request, __: Exception) -> Response:
    return error_response(400, "incomplete", "The request ended in the middle.")


def _bug(request: Request, error: Exception) -> Response:
    # The type and place, never the message: a driver's message may quote a row.
    log.error("SRV-9 %s on %s", type(error).__name__, request.scope.get("route_path", "?"), exc_info=error)
    return error_response(500, "internal", "The server made a mistake; it was noted.")
