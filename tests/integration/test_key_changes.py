"""Keys change on the server, and the kiosk's services live through it: offline, behind, and told at last."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from kiosk_app.bootstrap.probes import gather
from kiosk_app.core.health import HealthCode
from kiosk_app.core.server_answers import BadAnswer
from kiosk_app.core.verdict import Admit, Refuse
from kiosk_app.paths import Paths
from kiosk_app.services.doctor import CameraFact, LinkFacts, examine
from kiosk_protocol.identifiers import KeyId, TenantId
from kiosk_protocol.reasons import Reason
from kiosk_protocol.trust import TrustState
from kiosk_server.app import open_database, open_house
from kiosk_server.domain.records import KeyPurpose, Site, VisitState
from kiosk_server.notes import read_address
from kiosk_server.postgres import Tenure
from kiosk_server.services import pairing, roots, rotation, tenancy, visits
from kiosk_server.services.house import OPERATOR, House, PublicAddress
from kiosk_server.settings import Settings
from tests.integration.conftest import RealKiosk
from tests.integration.real_server import RealServer

NewKiosk = Callable[..., RealKiosk]


class Operator:
    """Who works beside the running server on its database, as a terminal's commands do; with a site of their own."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.tenant: TenantId = house.archive.tenant_ids()[0]
        self.site: Site = tenancy.create_site(house, self.tenant, tenancy.NewSite("Annex", "Europe/Vienna"), OPERATOR)

    def register(self) -> visits.IssuedVisit:
        """Register a visit that is on now."""
        now = self.house.now()
        begun, ends = now - timedelta(minutes=5), now + timedelta(hours=2)
        new = visits.NewVisit(self.site.id, "Ada Lovelace", arrival=begun, departure=ends)
        return visits.register_visit(self.house, self.tenant, new, OPERATOR)

    def visit(self, issued: visits.IssuedVisit) -> tuple[VisitState, str]:
        """Return how a visit stands, and its live code."""
        story = visits.visit_story(self.house, self.tenant, issued.visit.id)
        return story.visit.state, visits.code_of(self.house, self.tenant, issued.visit.id)

    def rotate(self, *purposes: KeyPurpose) -> None:
        for purpose in purposes:
            rotation.rotate_key(self.house, self.tenant, purpose, OPERATOR)

    def signing(self, purpose: KeyPurpose) -> str:
        keys = rotation.list_keys(self.house, self.tenant)
        states = {key.kid: rotation.state_of(key, keys, self.house.now()) for key in keys if key.purpose == purpose}
        (kid,) = [kid for kid, state in states.items() if state == "signing"]
        return kid

    def pair(self, kiosk: RealKiosk) -> RealKiosk:
        opened = pairing.open_window(self.house, self.tenant, self.site.id, OPERATOR)
        return kiosk.pair({"setupCode": str(opened.setup_code), "code": opened.code})


@pytest.fixture
def operator(server: RealServer) -> Iterator[Operator]:
    settings, note = Settings(server.data), read_address(server.data)
    assert note is not None
    address = PublicAddress(note.public_url)
    with open_database(settings, Tenure.COMMAND) as database, open_house(settings, database, address) as house:
        yield Operator(house)


def trust_of(kiosk: RealKiosk) -> TrustState:
    identity = kiosk.store.load_identity()
    assert identity is not None
    return identity.trust


def test_every_key_changes_while_a_kiosk_is_away(operator: Operator, new_kiosk: NewKiosk) -> None:
    """Yesterday's keys open the door meanwhile; what it admitted arrives, and one round brings all the new ones."""
    kiosk, visit = operator.pair(new_kiosk(lossy=True)), operator.register()
    assert not kiosk.sync().failures
    assert kiosk.transport is not None
    kiosk.transport.cut = True
    operator.rotate("visit", "time", "device", "seal", "user")
    roots.replace_bundle_key(operator.house, operator.tenant, OPERATOR)
    for _ in range(2):
        newest = roots.change_root(operator.house, operator.tenant, OPERATOR).document
    verdict = kiosk.desk.judge(visit.token)
    assert isinstance(verdict, Admit)
    assert verdict.decided_offline
    kiosk.transport.cut = False
    report = kiosk.sync()
    assert not report.failures
    assert report.queue.waiting == 0
    assert trust_of(kiosk).root == newest
    assert [key.kid for key in newest.bundle_keys] == [operator.signing("bundle")]
    assert operator.visit(visit)[0] is VisitState.CHECKED_IN
    later = operator.register()
    assert not kiosk.sync().failures
    assert isinstance(kiosk.desk.judge(later.token), Admit)


def test_a_compromised_visit_key_opens_nothing_after_one_round(operator: Operator, new_kiosk: NewKiosk) -> None:
    """The old code's key is unknown, the visit's new code is admitted."""
    kiosk, visit = operator.pair(new_kiosk(lossy=True)), operator.register()
    assert not kiosk.sync().failures
    rotation.revoke_key(operator.house, operator.tenant, operator.signing("visit"), OPERATOR)
    assert not kiosk.sync().failures
    assert kiosk.desk.judge(visit.token) == Refuse(Reason.UNKNOWN_KEY)
    assert isinstance(kiosk.desk.judge(operator.visit(visit)[1]), Admit)


def test_a_root_key_kept_offline_leads_and_a_lost_one_does_not(operator: Operator, new_kiosk: NewKiosk) -> None:
    """With the key the kiosk follows; without, it stays with what it has, admits on, and has to be paired anew."""
    kiosk = operator.pair(new_kiosk(lossy=True))
    safe: list[SigningKey] = []

    def deliver(_tenant: TenantId, _kid: KeyId, key: SigningKey) -> None:
        safe.append(key)

    roots.take_root_offline(operator.house, operator.tenant, deliver, OPERATOR)
    changed = roots.change_root(operator.house, operator.tenant, OPERATOR, held=safe[0])
    assert not kiosk.sync().failures
    assert trust_of(kiosk).root == changed.document
    roots.change_root(operator.house, operator.tenant, OPERATOR, is_lost=True)
    visit = operator.register()
    assert kiosk.sync().failures == {"trust": BadAnswer("envelope_signature")}
    assert trust_of(kiosk).root == changed.document
    assert isinstance(kiosk.desk.judge(visit.token), Admit)
    assert not operator.pair(new_kiosk(lossy=True)).sync().failures


def test_doctor_says_how_old_the_keys_are(operator: Operator, new_kiosk: NewKiosk, tmp_path: Path) -> None:
    """The same finding stands on the staff's page."""
    kiosk = operator.pair(new_kiosk(lossy=True))
    assert not kiosk.sync().failures
    paths = Paths(tmp_path / "data", tmp_path / "keys")
    facts = gather(paths, kiosk.store, kiosk.household.shared.keeper, LinkFacts(), CameraFact.NONE)
    (finding,) = [each for each in examine(facts) if each.code is HealthCode.TRUST_FRESH]
    # A bundle is signed anew every six hours; the count is in hours.
    assert finding.count is not None
    assert 0 <= finding.count <= 6
