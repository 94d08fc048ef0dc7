"""Garbage, huge, deep and wrongly typed input at every endpoint: refused in the one shape, never a mistake of ours."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk_protocol.messages import API_ROOT, MAX_BODY_BYTES
from kiosk_server.domain.roles import Role, TokenType
from kiosk_server.http.api import ENDPOINTS
from kiosk_server.http.endpoints import Endpoint
from tests.kiosk_server.support import HandKiosk, World

WITH_BODY = [endpoint for endpoint in ENDPOINTS if endpoint.takes is not type(None)]
IDS = [f"{endpoint.method} {endpoint.path}" for endpoint in WITH_BODY]

GARBAGE = [
    b"",
    b"{",
    b"null",
    b"[]",
    b"{}",
    b"\xff\xfe",
    b"\x00" * 100,
    b"[" * 200_000,
    b'{"a":' * 50_000,
    b"9" * 100_000,
    b'"' + b"x" * 500_000 + b'"',
    b'{"name":"\\ud800","run_id":NaN}',
    b'{"chainId":1,"entries":{"a":true}}',
]


class Callers:
    """A caller for each endpoint whose token is good, so that the input itself is what gets judged."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.kiosk: HandKiosk = world.kiosk()
        self.user = world.headers(Role.TENANT_ADMIN)

    def send(self, endpoint: Endpoint[Any], content: bytes, path: str | None = None, query: str = "") -> Any:
        path = path or endpoint.path.format(
            tenant=self.world.tenant.slug, site=self.world.site.id, visit="V" * 22, kiosk="K" * 22
        )
        headers = self.user if TokenType.USER in endpoint.tokens else {}
        if TokenType.KIOSK in endpoint.tokens:
            headers = self.kiosk.headers(endpoint.method, path)
        return self.world.client.request(endpoint.method, path + query, content=content, headers=headers)


@pytest.fixture
def callers(world: World) -> Callers:
    """Callers of a tenant of this test's own."""
    return Callers(world)


def assert_refused(response: Any) -> None:
    assert 400 <= response.status_code < 500, (response.status_code, response.text[:200])
    assert response.json().keys() == {"error", "message"}


@pytest.mark.parametrize("endpoint", WITH_BODY, ids=IDS)
def test_garbage_is_refused(callers: Callers, endpoint: Endpoint[Any]) -> None:
    """Each endpoint with a body, each kind of garbage."""
    for content in GARBAGE:
        assert_refused(callers.send(endpoint, content))


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=[f"{endpoint.method} {endpoint.path}" for endpoint in ENDPOINTS])
def test_too_large_a_body_is_refused_whether_its_size_is_stated_or_not(
    callers: Callers, endpoint: Endpoint[Any]
) -> None:
    """Over 1 MiB: 413, read no further."""
    huge = b"x" * (MAX_BODY_BYTES + 1)
    assert callers.send(endpoint, huge).status_code == 413
    chunks = (huge[start : start + 65536] for start in range(0, len(huge), 65536))
    assert callers.send(endpoint, chunks).status_code == 413


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["", "\x00", "A" * 22, "ü" * 70]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_members_of_any_type_and_content_never_make_a_mistake(callers: Callers, data: st.DataObject) -> None:
    """Bodies with the right names and any values: an answer or a refusal, nothing else."""
    endpoint = data.draw(st.sampled_from(WITH_BODY))
    members = {name: data.draw(VALUES) for name in endpoint.takes.__struct_encode_fields__}
    fitting = {
        "suite": callers.kiosk.message.suite,
        "sid": callers.kiosk.message.sid,
        "runId": "R" * 22,
        "siteId": callers.world.site.id,
        "tenant": callers.world.tenant.slug,
        "email": "a@b.example",
        "visitorName": "Ada",
        "kioskKey": callers.kiosk.message.kiosk_key,
        "name": "Lobby",
        "share": callers.kiosk.message.share,
    }
    for name in members:
        if name in fitting and data.draw(st.booleans()):
            members[name] = fitting[name]
    for name in ("visitorEmail", "visitorCompany", "host", "room", "purpose", "arrival", "departure"):
        if name in members and data.draw(st.booleans()):
            members[name] = None
    response = callers.send(endpoint, json.dumps(members).encode())
    assert response.status_code < 500, response.text
    assert response.status_code < 300 or response.json().keys() == {"error", "message"}


HOSTILE_SEGMENTS = ["%00", "..%2f..", "%F0%9F%9A%AA", "a" * 3000, "%22%27%3B--", "%ff", "A" * 22, "A" * 11, "null"]


@pytest.mark.parametrize("segment", HOSTILE_SEGMENTS)
def test_hostile_addresses_are_refused(callers: Callers, segment: str) -> None:
    """Every path parameter, filled with what does not belong there."""
    for endpoint in ENDPOINTS:
        if "{" not in endpoint.path:
            continue
        path = endpoint.path
        for name in ("tenant", "site", "visit", "kiosk"):
            path = path.replace(f"{{{name}}}", segment)
        content = b'{"password":"x"}' if "windows" in path else b"{}"
        assert 400 <= callers.send(endpoint, content, path).status_code < 500, path


@pytest.mark.parametrize(
    "query",
    [
        "?cursor=-1",
        "?cursor=x",
        "?cursor=1e3",
        "?cursor=%D9%A3",
        "?cursor=" + "9" * 400,
        "?cursor=9007199254740993",
        "?since=yesterday",
        "?since=2026-01-01T00:00:00",
        "?since=0001-01-01T00:00:00%2B14:00",
        "?x=" + "y" * 5000,
    ],
)
def test_hostile_queries_are_refused(callers: Callers, query: str) -> None:
    """Cursors that no page gave, times that are none, and addresses without end."""
    name = "/kiosk/visits" if "cursor" in query else "/visits"
    endpoint = next(entry for entry in ENDPOINTS if entry.path == API_ROOT + name and entry.method == "GET")
    assert_refused(callers.send(endpoint, b"", query=query))


def test_calendar_ends_do_not_overflow(callers: Callers) -> None:
    """The first and last moments a date can name, and back to front."""
    path = f"{API_ROOT}/visits"
    for arrival, departure in (
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        (None, "9999-12-31T23:59:59-14:00"),
        (None, "0001-01-01T00:00:00+14:00"),
        ("2026-03-02T10:00:00Z", "2026-03-02T09:00:00Z"),
        ("2026-03-02T10:00:00Z", "2026-03-03T10:00:01Z"),
        ("2028-03-02T10:00:00Z", None),
    ):
        body = {"siteId": callers.world.site.id, "visitorName": "A", "arrival": arrival, "departure": departure}
        assert_refused(callers.world.client.post(path, json=body, headers=callers.user))


def test_unknown_addresses_and_methods_have_the_same_shape(world: World) -> None:
    """404 and 405 come from the framework; their shape is ours."""
    for method, path, status in (
        ("GET", "/nothing", 404),
        ("DELETE", f"{API_ROOT}/auth/login", 405),
        ("POST", "/health", 405),
        ("GET", f"{API_ROOT}/sites/", 404),
    ):
        response = world.client.request(method, path)
        assert response.status_code == status
        assert response.json().keys() == {"error", "message"}


def test_mistake_of_ours_is_answered_without_details(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug is 500 in the one shape; what it was stands in the log alone."""

    def broken(*_arguments: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("kiosk_server.services.accounts.login", broken)
    response = world.client.post(
        f"{API_ROOT}/auth/login", json={"tenant": "a", "email": "a@b.example", "password": "x"}
    )
    assert response.status_code == 500
    assert "secret" not in response.text
    assert response.json()["error"] == "internal"
