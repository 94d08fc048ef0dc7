"""Claims: of two kiosks that ask at the same moment, one is granted the visit."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

from kiosk_protocol.encoding import base64url_decode
from kiosk_protocol.identifiers import uuid7, visit_digest
from kiosk_protocol.messages import ClaimAnswer, ClaimQuestion, decode
from kiosk_protocol.sealing import SealContext, open_details
from kiosk_server.domain.times import to_seconds
from kiosk_server.services import visits
from kiosk_server.services.house import OPERATOR
from tests.kiosk_server.support import HandKiosk, World


def ask(kiosk: HandKiosk, token: str, number: int = 1) -> ClaimAnswer:
    question = ClaimQuestion(check_in_id=uuid7(number, bytes(10)), token=token)
    response = kiosk.ask("POST", "/kiosk/claims", question)
    assert response.status_code == 200, response.text
    return decode(response.content, ClaimAnswer)


def test_granted_claim_brings_the_details_of_a_visit_never_heard_of(world: World) -> None:
    """The entry opens under the code that was shown."""
    kiosk, issued = world.kiosk(), world.visit("Grace Hopper", room="Ada")
    answer = ask(kiosk, issued.token)
    assert answer.outcome == "granted"
    assert answer.lease_until == to_seconds(world.clock.now) + 120
    assert answer.entry is not None
    assert answer.entry.sealed is not None
    context = SealContext(world.tenant.id, world.site.id, visit_digest(issued.visit.id), 0, 0)
    details = open_details(answer.entry.sealed, base64url_decode(issued.token.rpartition(".")[2]), context)
    assert (details.visitor_name, details.room) == ("Grace Hopper", "Ada")


def test_claim_is_a_lease_for_one_kiosk(world: World) -> None:
    """Its kiosk may repeat it; another is refused until two minutes have passed."""
    first, second, token = world.kiosk(), world.kiosk(), world.visit().token
    assert ask(first, token).outcome == "granted"
    assert ask(first, token, 2).outcome == "granted"
    assert ask(second, token).outcome == "taken"
    world.clock.advance(minutes=2)
    assert ask(second, token).outcome == "granted"
    assert ask(first, token).outcome == "taken"


def test_of_two_kiosks_at_the_same_moment_one_is_granted(world: World) -> None:
    """Two real connections, many rounds, one winner each."""
    kiosks = [world.kiosk("left"), world.kiosk("right")]
    with ThreadPoolExecutor(2) as threads:
        for _ in range(15):
            token, barrier = world.visit().token, Barrier(2)

            def race(kiosk: HandKiosk, token: str = token, barrier: Barrier = barrier) -> str:
                barrier.wait()
                return ask(kiosk, token).outcome

            assert sorted(threads.map(race, kiosks)) == ["granted", "taken"]


def test_used_and_cancelled_visits_are_not_granted(world: World) -> None:
    """A check-in consumes; a cancellation closes the door."""
    kiosk, used, cancelled = world.kiosk(), world.visit(), world.visit()
    kiosk.send(kiosk.item(used.token))
    visits.cancel_visit(world.house, world.tenant.id, cancelled.visit.id, OPERATOR)
    assert ask(kiosk, used.token).outcome == "taken"
    assert ask(kiosk, cancelled.token).outcome == "cancelled"


def test_cancellation_ends_a_lease(world: World) -> None:
    """Who asks after the cancellation hears of it, whoever held the lease."""
    kiosk, issued = world.kiosk(), world.visit()
    assert ask(kiosk, issued.token).outcome == "granted"
    visits.cancel_visit(world.house, world.tenant.id, issued.visit.id, OPERATOR)
    assert ask(kiosk, issued.token).outcome == "cancelled"


def test_foreign_forged_and_long_expired_codes_are_refused(world: World) -> None:
    """Another site's code, a broken signature, and one whose end is over by more than a clock's difference."""
    kiosk, issued = world.kiosk(), world.visit()
    assert ask(kiosk, world.visit(site=world.other_site.id).token).outcome == "refused"
    assert ask(kiosk, issued.token[:-4] + "AAAA").outcome == "refused"
    world.clock.advance(hours=2, minutes=2)
    assert ask(kiosk, issued.token).outcome == "refused"


def test_lower_revision_is_superseded(world: World) -> None:
    """One revision of a code is live."""
    kiosk, issued = world.kiosk(), world.visit()
    with world.house.archive.of(world.tenant.id) as records:
        records.visits.save(replace(issued.visit, rev=1))
    assert ask(kiosk, issued.token).outcome == "superseded"
