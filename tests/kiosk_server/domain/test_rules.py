"""Texts, times, roles, chains and arrivals: the small rules."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_protocol.identifiers import CheckInId, DeviceId, SiteId, VisitId
from kiosk_protocol.sealing import chain_next, chain_start
from kiosk_server.domain import texts
from kiosk_server.domain.chains import ChainHead, Link, shows_fork
from kiosk_server.domain.check_ins import arrival_of
from kiosk_server.domain.problems import BadRequestError
from kiosk_server.domain.records import CheckIn
from kiosk_server.domain.roles import Action, Role, may
from kiosk_server.domain.times import from_milliseconds, rfc3339, to_milliseconds, to_seconds

SITE = SiteId("S" * 11)
OTHER = SiteId("O" * 11)


@pytest.mark.parametrize("text", ["", "   ", "a" * 201, "a\nb", "a\x00b", "a\u202eb", "a\x1b[31m", "\ud800"])
def test_lines_that_cannot_be_shown_are_refused(text: str) -> None:
    """Empty, too long, with controls, direction marks or lone surrogates."""
    with pytest.raises(BadRequestError):
        texts.clean_line(text, "name")


def test_lines_are_trimmed_and_normalised() -> None:
    """One spelling of one name; no name at all is none."""
    assert texts.clean_line("  Zoe\u0308 ", "name") == "Zoë"
    assert texts.clean_optional("  ", "room") is None
    assert texts.clean_optional(None, "room") is None


@pytest.mark.parametrize("text", ["", "a", "a@", "@b", "a b@c", "a@b c", "a@b\n", "a\x00@b", "é@b", "a@" + "b" * 300])
def test_what_is_no_email_address_is_refused(text: str) -> None:
    """Including those that would cut a header line in two."""
    with pytest.raises(BadRequestError):
        texts.clean_email(text if text != "a@b\n" else "a@b\nc")


def test_passwords_have_a_length_and_nothing_else() -> None:
    """Ten characters of any kind."""
    texts.check_password("aaaaaaaaaa")
    for password in ("a" * 9, "a" * 1025):
        with pytest.raises(BadRequestError):
            texts.check_password(password)


@given(st.integers(min_value=0, max_value=253_402_300_799_999))
def test_milliseconds_survive_the_way_through_datetimes(milliseconds: int) -> None:
    """Exactly: a decision's time is evidence."""
    moment = from_milliseconds(milliseconds)
    assert to_milliseconds(moment) == milliseconds
    assert to_seconds(moment) == milliseconds // 1000


def test_moments_are_written_in_utc() -> None:
    """Milliseconds only where there are some."""
    moment = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
    assert rfc3339(moment) == "2026-03-02T08:30:00Z"
    assert rfc3339(moment + timedelta(milliseconds=7)) == "2026-03-02T08:30:00.007Z"
    assert rfc3339(None) is None


@pytest.mark.parametrize(("role", "action"), list(itertools.product(Role, Action)))
def test_no_role_but_the_tenants_admin_reaches_another_site(role: Role, action: Action) -> None:
    """And nobody does what the role does not allow at the own site."""
    assert may(role, frozenset({SITE}), action, OTHER) == (role is Role.TENANT_ADMIN)
    if may(role, frozenset(), action, SITE):
        assert role is Role.TENANT_ADMIN


def test_installer_sees_no_visits_and_viewer_changes_nothing() -> None:
    """Least privilege, spelled out."""
    mine = frozenset({SITE})
    assert {action for action in Action if may(Role.INSTALLER, mine, action, SITE)} == {
        Action.OPEN_PAIRING,
        Action.SEE_KIOSKS,
        Action.REVOKE_KIOSK,
    }
    assert {action for action in Action if may(Role.VIEWER, mine, action, SITE)} == {
        Action.SEE_VISITS,
        Action.SEE_KIOSKS,
    }


CHAIN = "C" * 22


def links(count: int) -> list[Link]:
    """Return an honest chain."""
    made, chain = [], chain_start(CHAIN)
    for sequence in range(1, count + 1):
        item = sequence.to_bytes(32, "big")
        chain = chain_next(chain, item)
        made.append(Link(sequence, item, chain))
    return made


def forks_in(order: list[Link]) -> bool:
    """Whether any arrival, in this order, shows a fork."""
    seen: list[Link] = []
    found = False
    for link in order:
        near = [other for other in seen if abs(other.sequence - link.sequence) <= 1]
        found |= shows_fork(CHAIN, link, near)
        seen.append(link)
    return found


@given(st.permutations(links(5)))
def test_honest_chain_shows_no_fork_in_any_order(order: list[Link]) -> None:
    """Nor when an item comes twice."""
    assert not forks_in([*order, order[0]])


@given(st.permutations(range(4)), st.sampled_from(["place", "link", "first"]))
def test_dishonest_chain_shows_its_fork_in_every_order(order: list[int], kind: str) -> None:
    """Two items in one place, a link that does not follow, or a first one that begins elsewhere."""
    chain = links(4)
    if kind == "place":
        chain[3] = Link(2, b"x" * 32, chain_next(chain[0].chain, b"x" * 32))
    elif kind == "link":
        chain[2] = Link(3, chain[2].hash, b"x" * 32)
    else:
        chain[0] = Link(1, chain[0].hash, b"x" * 32)
    assert forks_in([chain[number] for number in order])


def test_gap_is_a_highest_item_beyond_the_acknowledged() -> None:
    """And nothing else."""
    assert ChainHead(1, 3).has_gap
    assert not ChainHead(3, 3).has_gap


def test_of_two_decisions_at_one_moment_the_lower_identifier_arrived() -> None:
    """A tie is broken the same way everywhere."""
    moment = datetime(2026, 3, 2, tzinfo=UTC)
    items = [
        CheckIn(
            CheckInId(name), DeviceId("D" * 22), SITE, b"", b"", "", "accepted", None, moment, VisitId("V" * 22), 0,
            moment, moment + timedelta(seconds=late),
        )
        for name, late in (("b", 0), ("a", 0), ("0", 1))
    ]  # fmt: skip
    assert arrival_of(items) == (moment, "a")
