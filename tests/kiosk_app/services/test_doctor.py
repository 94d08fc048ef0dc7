"""The doctor: what facts mean, in one finding for each subject."""

from dataclasses import replace

import pytest

from kiosk_app.core.clock_guard import ClockStanding
from kiosk_app.core.health import Finding, HealthCode, HealthState, Subject
from kiosk_app.core.key_protection import KeyProtection
from kiosk_app.core.outbox import QueueState
from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.core.trust_age import TrustStanding
from kiosk_app.services.doctor import CameraFact, Facts, LinkFacts, PairedFacts, examine

NOW_MS = 1_900_000_000_000
PAIRED = PairedFacts(TrustStanding.FRESH, 7_300, None, key_is_ours=True)
WELL = Facts(
    NOW_MS,
    ClockStanding.SURE,
    CameraFact.GIVES_PICTURES,
    PAIRED,
    LinkFacts(reached=True),
    free_bytes=10**10,
    version="1.2.3",
)


def about(subject: Subject, facts: Facts) -> Finding:
    """Return the one finding about a subject."""
    (found,) = [finding for finding in examine(facts) if finding.subject is subject]
    return found


def test_a_kiosk_in_order_has_nothing_to_look_at() -> None:
    """One finding for each subject, in the order staff read them, all well."""
    findings = examine(WELL)
    assert [finding.subject for finding in findings] == list(Subject)
    assert {finding.state for finding in findings} == {HealthState.OK}
    assert about(Subject.TRUST, WELL).count == 2
    assert about(Subject.VERSION, WELL).detail == "1.2.3"


@pytest.mark.parametrize(
    ("facts", "code", "cause"),
    [
        (replace(WELL, paired=None), HealthCode.UNPAIRED, None),
        (replace(WELL, store=StaffCode.STORE_DAMAGED), HealthCode.STORE_TROUBLE, StaffCode.STORE_DAMAGED),
        (replace(WELL, store=StaffCode.STORE_DAMAGED), HealthCode.QUEUE_UNKNOWN, StaffCode.STORE_DAMAGED),
        (replace(WELL, camera=StaffCode.CAMERA_BUSY), HealthCode.CAMERA_TROUBLE, StaffCode.CAMERA_BUSY),
        (replace(WELL, camera=CameraFact.IN_USE), HealthCode.CAMERA_IN_USE, None),
        (replace(WELL, camera=CameraFact.NONE), HealthCode.CAMERA_NONE, None),
        (replace(WELL, link=LinkFacts()), HealthCode.NETWORK_UNKNOWN, None),
        (replace(WELL, clock=ClockStanding.PLAUSIBLE), HealthCode.CLOCK_PLAUSIBLE, None),
        (replace(WELL, clock=ClockStanding.SUSPECT), HealthCode.CLOCK_SUSPECT, None),
        (replace(WELL, clock=ClockStanding.SUSPECT, paired=None), HealthCode.CLOCK_UNPROVEN, None),
        (replace(WELL, paired=None), HealthCode.KEYS_NONE_YET, None),
        (
            replace(WELL, paired=replace(PAIRED, protection=KeyProtection.CREDENTIAL)),
            HealthCode.KEYS_BY_CREDENTIAL,
            None,
        ),
        (replace(WELL, paired=replace(PAIRED, protection=KeyProtection.KEY_RING)), HealthCode.KEYS_IN_KEY_RING, None),
        (
            replace(WELL, paired=replace(PAIRED, key=StaffCode.KEYS_UNREADABLE)),
            HealthCode.KEYS_TROUBLE,
            StaffCode.KEYS_UNREADABLE,
        ),
        (replace(WELL, paired=replace(PAIRED, key_is_ours=False)), HealthCode.KEYS_FOREIGN, StaffCode.STORE_FOREIGN),
        (replace(WELL, paired=None), HealthCode.TRUST_NONE_YET, None),
        (replace(WELL, paired=replace(PAIRED, trust=TrustStanding.OLD)), HealthCode.TRUST_OLD, None),
        (replace(WELL, paired=replace(PAIRED, trust=TrustStanding.EXPIRED)), HealthCode.TRUST_EXPIRED, None),
        (replace(WELL, queue=QueueState(0, 2)), HealthCode.QUEUE_PARKED, None),
        (replace(WELL, free_bytes=None), HealthCode.DISK_UNKNOWN, None),
        (replace(WELL, free_bytes=499_999_999), HealthCode.DISK_LOW, None),
        (replace(WELL, free_bytes=49_999_999), HealthCode.DISK_FULL, StaffCode.STORE_FULL),
        (replace(WELL, missing_fonts=2), HealthCode.FONTS_MISSING, None),
        (replace(WELL, has_second_reader=False), HealthCode.READER_MISSING, None),
    ],
)
def test_what_is_off_is_found(facts: Facts, code: HealthCode, cause: StaffCode | None) -> None:
    """Each fact that is off changes the finding about its own subject, with the code that says more."""
    found = about(code.subject, facts)
    assert (found.code, found.cause) == (code, cause)


def test_an_outage_is_told_with_its_beginning() -> None:
    """Since when, and why; where the beginning is not known, as of now."""
    down = about(Subject.NETWORK, replace(WELL, link=LinkFacts(False, NOW_MS - 60_000, StaffCode.SERVER_NOT_TRUSTED)))
    assert (down.code, down.cause) == (HealthCode.NETWORK_DOWN, StaffCode.SERVER_NOT_TRUSTED)
    assert down.since is not None
    assert down.since.timestamp() * 1000 == NOW_MS - 60_000
    just_now = about(Subject.NETWORK, replace(WELL, link=LinkFacts(reached=False))).since
    assert just_now is not None
    assert just_now.timestamp() * 1000 == NOW_MS


def test_the_queue_is_told_with_its_oldest() -> None:
    """How many wait and since when; what waits is said before what is parked."""
    found = about(Subject.QUEUE, replace(WELL, queue=QueueState(3, 1, NOW_MS - 5_000)))
    assert (found.code, found.count) == (HealthCode.QUEUE_WAITING, 3)
    assert found.since is not None
    assert found.since.timestamp() * 1000 == NOW_MS - 5_000
    assert about(Subject.QUEUE, replace(WELL, queue=QueueState(1))).since is not None
