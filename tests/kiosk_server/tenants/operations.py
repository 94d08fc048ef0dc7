"""Every operation of the server with the places in it where an identifier can stand.

Paths and queries come from the server's own tables of endpoints and pages, so a new one is asked too; what bodies and
forms hold stands here, and a test misses an entry that is not.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import NoneType
from typing import Any, Final

from msgspec import to_builtins

from kiosk_protocol.messages import API_ROOT
from kiosk_server.http.api import ENDPOINTS
from kiosk_server.web.dashboard import PAGES
from tests.kiosk_server.http.test_heartbeat import WELL
from tests.kiosk_server.support import PASSWORD

Slots = Mapping[str, str]
"""Values by the kind of thing they name."""

QUERIES: Final[Mapping[str, str]] = {"siteId": "{site}", "epoch": "{epoch}"}
_SLOT: Final = re.compile(r"\{(\w+)\}")
# What no operation asks for: whoever reads it all the same would be found out.
UNASKED: Final[Mapping[str, str]] = {
    "tenant": "{tenant}", "tenantId": "{tenant}", "tenant_id": "{tenant}", "site": "{site}", "siteId": "{site}",
    "site_id": "{site}", "visit": "{visit}", "visitId": "{visit}", "kiosk": "{kiosk}", "user": "{user}",
    "host": "{user}", "q": "{word}", "show": "on-site",
}  # fmt: skip

BODIES: Final[Mapping[str, Mapping[str, Any]]] = {
    f"{API_ROOT}/pairing/{{tenant}}/{{site}}/confirm": {"runId": "{run}", "kioskTag": "A" * 43},
    f"{API_ROOT}/kiosk/claims": {"checkInId": "{check_in}", "token": "{token}"},
    f"{API_ROOT}/kiosk/heartbeat": to_builtins(WELL),
    f"{API_ROOT}/kiosk/time": {"nonce": "{visit}"},
    f"{API_ROOT}/auth/login": {"tenant": "{tenant}", "email": "{email}", "password": "no such password"},
    f"{API_ROOT}/auth/refresh": {"refreshToken": "{refresh}"},
    f"{API_ROOT}/auth/logout": {"refreshToken": "{refresh}"},
    f"{API_ROOT}/visits": {"siteId": "{site}", "visitorName": "Ada", "host": "{user}"},
    f"{API_ROOT}/sites/{{site}}/pairing-windows": {"password": PASSWORD, "named": True},
}
FORMS: Final[Mapping[str, Mapping[str, str]]] = {
    "/sign-in": {"tenant": "{tenant}", "email": "{email}", "password": "no such password", "to": "{visit}"},
    "/sign-out": {},
    "/visits": {"site": "{site}", "visitor_name": "Ada", "host": "{email}"},
    "/visits/{visit}/cancel": {},
    "/visits/{visit}/check-in": {"back": "{visit}"},
    "/visits/{visit}/check-out": {"back": "{visit}"},
    "/conflicts/{visit}": {"reason": "one person"},
    "/kiosks/window": {"site": "{site}", "password": PASSWORD, "named": "yes"},
    "/kiosks/{kiosk}/name": {"name": "Door"},
    "/kiosks/{kiosk}/revoke": {},
}
SEALED: Final = {
    f"{API_ROOT}/pairing/{{tenant}}/{{site}}/start",
    f"{API_ROOT}/kiosk/check-ins",
    f"{API_ROOT}/kiosk/handover",
}
"""Made by a kiosk with its key: :mod:`tests.kiosk_server.tenants.test_kiosks` asks them."""
ENDLESS: Final = "/live"
LAST: Final = "/sign-out"


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address; places are written ``{slot}``."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    is_page: bool = False
    is_public: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """An operation with every place filled in; ``sent`` is what of it names things of the other tenant."""

    operation: Operation
    path: str
    query: Mapping[str, str]
    body: Mapping[str, Any]
    sent: frozenset[str]


def operations() -> list[Operation]:
    """Return everything the server does that a person or a kiosk can ask for without a seal; signing out last."""
    api = [
        Operation(
            endpoint.method,
            endpoint.path,
            {parameter.name: QUERIES[parameter.name] for parameter in endpoint.query if parameter.name in QUERIES},
            {} if endpoint.takes is NoneType else BODIES[endpoint.path],
            is_public=not endpoint.tokens,
        )
        for endpoint in ENDPOINTS
        if endpoint.path not in SEALED
    ]
    pages = [
        Operation(
            page.method,
            page.path,
            {},
            FORMS[page.path] if page.method == "POST" else {},
            is_page=True,
            is_public=page.roles == "everybody",
        )
        for page in PAGES
    ]
    return sorted(api + pages, key=lambda operation: operation.path == LAST)


def questions(operation: Operation, own: Slots, foreign: Slots) -> Iterator[Question]:
    """Yield the operation with a foreign identifier in each place alone, then in all and where none is asked for."""
    parts = {"path": {"": operation.path}, "query": operation.query, "body": operation.body}
    places = [
        (part, name, slot)
        for part, members in parts.items()
        for name, text in members.items()
        if isinstance(text, str)
        for slot in _SLOT.findall(text)
    ]
    if len(places) > 1:
        for place in places:
            yield _filled(operation, parts, own, foreign, {place})
    unasked = {"query": dict(UNASKED), "body": {name: text for name, text in UNASKED.items() if operation.body}}
    wide = {
        "path": parts["path"],
        **{part: {**unasked[part], **parts[part]} for part in ("query", "body")},
    }
    everywhere = {
        (part, name, slot)
        for part, members in wide.items()
        for name, text in members.items()
        if isinstance(text, str)
        for slot in _SLOT.findall(text)
    }
    yield _filled(operation, wide, own, foreign, everywhere)


def _filled(
    operation: Operation,
    parts: Mapping[str, Mapping[str, Any]],
    own: Slots,
    foreign: Slots,
    places: set[tuple[str, str, str]],
) -> Question:
    sent: set[str] = set()

    def fill(part: str, name: str, text: Any) -> Any:
        if not isinstance(text, str):
            return text

        def value(match: re.Match[str]) -> str:
            slot = match[1]
            if (part, name, slot) in places:
                sent.add(foreign[slot])
                return foreign[slot]
            return own[slot]

        return _SLOT.sub(value, text)

    filled = {part: {name: fill(part, name, text) for name, text in members.items()} for part, members in parts.items()}
    return Question(operation, filled["path"][""], filled["query"], filled["body"], frozenset(sent))
