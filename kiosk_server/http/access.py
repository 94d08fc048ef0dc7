"""Who may use an endpoint: the token types it declares, and nothing by default.

An endpoint without a declaration cannot be built (:class:`kiosk_server.http.endpoints.Endpoint` has no default), and a
token of another type is refused with 403 however genuine it is.
"""

from typing import Final, TypeAlias, assert_never

from starlette.requests import Request

from kiosk_server.domain.problems import ForbiddenError, UnauthenticatedError
from kiosk_server.domain.roles import TokenType
from kiosk_server.domain.user_tokens import UnverifiedClaims, read_unverified_claims
from kiosk_server.services.accounts import UserPrincipal, authenticate_user
from kiosk_server.services.devices import KioskPrincipal, ShownProof, authenticate_kiosk
from kiosk_server.services.house import House

Principal: TypeAlias = UserPrincipal | KioskPrincipal

PUBLIC: Final[frozenset[TokenType]] = frozenset()
"""No token is asked for, and none is looked at."""
USERS: Final = frozenset({TokenType.USER})
KIOSKS: Final = frozenset({TokenType.KIOSK})


def admit(house: House, request: Request, allowed: frozenset[TokenType]) -> Principal | None:
    """Return who is asking; None on a public endpoint.

    Raises:
        UnauthenticatedError: no credential, or one that does not count.
        ForbiddenError: ``wrong_token_type``: the credential counts, but not here.
    """
    if not allowed:
        return None
    scheme, token, claims = _read_credential(request)
    principal = _authenticate(house, request, scheme, token, claims, with_proof=claims.token_type in allowed)
    if claims.token_type not in allowed:
        raise ForbiddenError("wrong_token_type", f"This address does not take {claims.token_type.value} tokens.")
    return principal


def _read_credential(request: Request) -> tuple[str, str, UnverifiedClaims]:
    values = request.headers.getlist("authorization")
    if len(values) != 1:
        raise UnauthenticatedError("no_token", "This address needs an access token.")
    scheme, _, token = values[0].partition(" ")
    claims = read_unverified_claims(token)
    if claims is None:
        raise _invalid_token()
    return scheme.lower(), token, claims


def _authenticate(
    house: House, request: Request, scheme: str, token: str, claims: UnverifiedClaims, *, with_proof: bool
) -> Principal:
    match claims.token_type:
        case TokenType.USER:
            if scheme != "bearer":
                raise _invalid_token()
            return authenticate_user(house, claims.tenant, token)
        case TokenType.KIOSK:
            # On another's endpoint it is enough that the token is genuine: the answer is 403 with or without a proof.
            proof = _read_proof(request, scheme) if with_proof else None
            return authenticate_kiosk(house, claims.tenant, token, proof)
        case TokenType.AGENT:
            # Agents authenticate by certificate; a token that calls itself one is nobody's.
            raise _invalid_token()
        case _ as never:
            assert_never(never)


def _read_proof(request: Request, scheme: str) -> ShownProof:
    # RFC 9449 §4.3 point 1 and §7.1: exactly one proof, and the scheme that says one is there.
    values = request.headers.getlist("dpop")
    text = values[0] if len(values) == 1 and scheme == "dpop" else None
    return ShownProof(text, request.method, request.url.path)


def _invalid_token() -> UnauthenticatedError:
    return UnauthenticatedError("invalid_token", "This token does not count here.")
