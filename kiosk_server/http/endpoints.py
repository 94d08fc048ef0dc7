"""What an endpoint is, and how it becomes a route: one shell for all, so that no endpoint forgets a check.

The shell bounds and reads the body, admits the token, decodes the message, runs the handler in a thread of the pool
(database work blocks), and encodes the answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import NoneType
from typing import Annotated, Any, Final, Generic, TypeVar

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from kiosk_protocol.messages import MAX_BODY_BYTES, Message, decode, encode
from kiosk_protocol.proofs import NONCE_HEADER
from kiosk_server.domain.problems import BadRequestError, ForbiddenError
from kiosk_server.domain.roles import TokenType
from kiosk_server.http.access import Principal, admit
from kiosk_server.services.accounts import UserPrincipal
from kiosk_server.services.devices import KioskPrincipal
from kiosk_server.services.house import House

T = TypeVar("T")
MAX_QUERY_CHARACTERS: Final = 1024
_NO_STORE: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True, slots=True)
class Call:
    """One request as handlers see it."""

    house: House
    principal: Principal | None
    path: Mapping[str, str]
    query: Mapping[str, str]

    @property
    def user(self) -> UserPrincipal:
        """The user who asks; for endpoints that take user tokens only."""
        if not isinstance(self.principal, UserPrincipal):
            raise ForbiddenError("wrong_token_type", "This address takes user tokens.")
        return self.principal

    @property
    def kiosk(self) -> KioskPrincipal:
        """The kiosk that asks; for endpoints that take kiosk tokens only."""
        if not isinstance(self.principal, KioskPrincipal):
            raise ForbiddenError("wrong_token_type", "This address takes kiosk tokens.")
        return self.principal


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter, for the OpenAPI document."""

    name: str
    schema: Mapping[str, Any]
    description: str


@dataclass(frozen=True, slots=True)
class Endpoint(Generic[T]):
    """One method of one address. ``tokens`` has no default: who may ask is said for each.

    Attributes:
        takes: The body's message; NoneType where there is no body.
        gives: The answer's message; NoneType where the answer is empty or no JSON.
        run: Returns a message, None (204), or a response of its own.
    """

    method: str
    path: str
    tokens: frozenset[TokenType]
    takes: type[T]
    gives: type[Message] | type[None]
    run: Callable[[Call, T], Message | Response | None]
    status: int = 200
    query: tuple[Parameter, ...] = ()

    @property
    def summary(self) -> str:
        """The handler's first sentence."""
        return (self.run.__doc__ or "").strip().partition("\n")[0]


async def read_body(request: Request) -> bytes:
    """Return the body, read no further than 1 MiB whatever its stated length.

    Raises:
        HTTPException: 413.
    """
    stated = request.headers.get("content-length", "")
    if stated.isdecimal() and len(stated) < 20 and int(stated) > MAX_BODY_BYTES:
        raise HTTPException(413)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise HTTPException(413)
    return bytes(body)


def add_endpoint(router: APIRouter, house: House, endpoint: Endpoint[Any], extra: dict[str, Any]) -> None:
    """Add ``endpoint`` to ``router``; ``extra`` describes it in the OpenAPI document."""

    def serve(request: Request, body: Annotated[bytes, Depends(read_body)]) -> Response:
        if len(request.url.query) > MAX_QUERY_CHARACTERS:
            raise BadRequestError("query", "The address is too long.")
        # Admitted before the body is looked at: strangers learn nothing about what a message must look like.
        principal = admit(house, request, endpoint.tokens)
        message = None if endpoint.takes is NoneType else decode(body, endpoint.takes)
        answer = endpoint.run(Call(house, principal, request.path_params, request.query_params), message)
        response = _respond(answer, endpoint.status)
        if isinstance(principal, KioskPrincipal):
            # RFC 9449 §8.2: the next request needs no challenge.
            response.headers[NONCE_HEADER] = house.freshness.nonce(house.now())
        return response

    router.add_api_route(
        endpoint.path,
        serve,
        methods=[endpoint.method],
        name=endpoint.run.__name__,
        summary=endpoint.summary,
        response_class=Response,
        openapi_extra=extra,
    )


def _respond(answer: Message | Response | None, status: int) -> Response:
    if answer is None:
        return Response(status_code=204, headers=_NO_STORE)
    if isinstance(answer, Response):
        return answer
    return Response(encode(answer), status, _NO_STORE, "application/json")
