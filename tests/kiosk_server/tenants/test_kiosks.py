"""A kiosk of one tenant, which can sign and seal whatever it likes, with another tenant's things in what it sends."""

from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from kiosk_protocol.handover import HandoverDocument, sign_handover
from kiosk_protocol.messages import API_ROOT, Batch, OutboxEntry, encode
from kiosk_server.domain.problems import NotFoundError
from kiosk_server.services import devices, handover, visits
from kiosk_server.services.house import OPERATOR
from tests.kiosk_server.support import BASE_URL, World
from tests.kiosk_server.tenants.conftest import Neighbours
from tests.kiosk_server.tenants.planted import hashes_of, rows_of


@pytest.fixture
def unchanged(neighbours: Neighbours) -> Iterator[None]:
    """Fail a test after which a row of the planted tenant is another one."""
    before = hashes_of(neighbours.planted.world)
    yield
    assert hashes_of(neighbours.planted.world) == before


def assert_nothing(neighbours: Neighbours, content: bytes, *sent: str) -> None:
    assert not neighbours.search.found(content) - set(sent)


def theirs(world: World, table: str, column: str) -> Any:
    return rows_of(world, table)[0][column]


PLACES = ("token", "tenant_id", "site_id", "device_id", "check_in_id", "seal_kid", "chain_id", "whole_item")


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("place", PLACES)
def test_a_check_in_that_names_another_tenants_thing_is_rejected(neighbours: Neighbours, place: str) -> None:
    """Signed by the kiosk's own key and sealed to its own server; only a chain's name is a kiosk's own to choose."""
    asking, kiosk, planted = neighbours.asking, neighbours.kiosk, neighbours.planted
    there, token = planted.world, asking.visit().token
    values = {
        "token": planted.visits[0].token,
        "tenant_id": there.tenant.id,
        "site_id": there.site.id,
        "device_id": planted.kiosk.device_id,
        "check_in_id": theirs(there, "check_ins", "id"),
        "seal_kid": theirs(there, "check_ins", "seal_kid"),
        "chain_id": planted.kiosk.chain_id,
    }
    if place == "whole_item":
        entry = planted.kiosk.item(planted.visits[0].token)
    elif place == "seal_kid":
        entry = replace(kiosk.item(token), seal_kid=values[place])
    elif place == "chain_id":
        entry = kiosk.item(token)
    else:
        entry = kiosk.item(**{"token": token} | {place: values[place]})
    chain_id = values["chain_id"] if place == "chain_id" else kiosk.chain_id
    answer = kiosk.ask("POST", "/kiosk/check-ins", Batch(chain_id=chain_id, entries=(entry,)))
    assert_nothing(neighbours, answer.content, entry.check_in_id)
    # An identifier and a chain are looked for among the kiosk's own tenant's, where these are new.
    expected = "accepted" if place in {"check_in_id", "chain_id"} else "rejected"
    assert answer.json()["results"][0]["outcome"] == expected, answer.text


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("tenant", ["own", "other"])
@pytest.mark.parametrize("device", ["own", "other"])
def test_a_handover_reaches_its_own_tenant_alone(neighbours: Neighbours, tenant: str, device: str) -> None:
    """Whoever is not that device of that tenant is refused, in one and the same way."""
    kiosk, planted = neighbours.kiosk, neighbours.planted
    document = HandoverDocument(
        type="handover",
        server=BASE_URL,
        nonce=neighbours.asking.house.freshness.nonce(neighbours.asking.clock.now),
        tenant_id=(neighbours.asking if tenant == "own" else planted.world).tenant.id,
        device_id=(kiosk if device == "own" else planted.former).device_id,
        chain_id=kiosk.chain_id,
        entries=(_entry(neighbours),),
    )
    body = encode(sign_handover(document, kiosk.key))
    answer = neighbours.asking.client.post(f"{API_ROOT}/kiosk/handover", content=body)
    assert_nothing(neighbours, answer.content)
    assert answer.status_code == (200 if (tenant, device) == ("own", "own") else 401), answer.text


def _entry(neighbours: Neighbours) -> OutboxEntry:
    return neighbours.kiosk.item(neighbours.asking.visit().token)


@pytest.mark.usefixtures("unchanged")
def test_pairing_mixes_no_tenants(neighbours: Neighbours) -> None:
    """Another's site under one's own name, one's own site under another's, another's window: none of them pairs."""
    asking, there = neighbours.asking, neighbours.planted.world
    window, kiosk = asking.window(named=True), neighbours.kiosk
    name = next(str(row["name"]) for row in rows_of(there, "pairing_windows") if row["name"])
    kiosk.start(window.code)
    for slug, site, named in (
        (asking.tenant.slug, there.site.id, None),
        (there.tenant.slug, asking.site.id, None),
        (asking.tenant.slug, asking.site.id, name),
    ):
        path = f"{API_ROOT}/pairing/{slug}/{site}/start"
        answer = asking.client.post(path, content=encode(replace(kiosk.message, window=named)))
        assert_nothing(neighbours, answer.content, slug, site)
        # Where the address is right, a window that is not open there looks like any wrong code.
        assert answer.status_code == (404 if named is None else 200)


@pytest.mark.usefixtures("unchanged")
def test_an_operators_word_for_one_tenant_is_no_word_for_another(neighbours: Neighbours) -> None:
    """The same identifiers on the command line's services: there is no such kiosk, and no such visit."""
    tenant, house, planted = neighbours.asking.tenant.id, neighbours.asking.house, neighbours.planted
    for act in (
        lambda: devices.revoke_device(house, tenant, planted.kiosk.device_id, OPERATOR),
        lambda: devices.rename_device(house, tenant, planted.kiosk.device_id, "Door", OPERATOR),
        lambda: handover.accept(house, tenant, planted.former.device_id, OPERATOR),
        lambda: handover.discard(house, tenant, planted.former.device_id, OPERATOR),
        lambda: visits.cancel_visit(house, tenant, planted.visits[0].visit.id, OPERATOR),
        lambda: visits.code_of(house, tenant, planted.visits[0].visit.id),
        lambda: visits.visit_story(house, tenant, planted.visits[0].visit.id),
    ):
        with pytest.raises(NotFoundError):
            act()
