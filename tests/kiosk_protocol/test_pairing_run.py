"""One pairing run: equal keys for equal digits over equal facts, other keys for anybody else."""

import dataclasses
import functools
import random
from collections.abc import Mapping

import msgspec
import pytest

from kiosk_protocol import cpace
from kiosk_protocol.cpace import Secret
from kiosk_protocol.encoding import base64url_decode, base64url_encode
from kiosk_protocol.errors import EncodingError, EnvelopeError, PairingError, ProtocolError
from kiosk_protocol.messages import Envelope, PairingResult, SiteConfiguration
from kiosk_protocol.pairing import TRIES
from kiosk_protocol.pairing_run import (
    Offer,
    Reply,
    RunKeys,
    check_offer,
    kiosk_keys,
    make_offer,
    make_reply,
    open_result,
    root_hash,
    seal_result,
    server_keys,
)
from tests.kiosk_protocol.samples import DEVICE_KEY, SITE, TENANT, long_id, random_bytes
from tests.kiosk_protocol.test_trust import BUNDLE, ROOT, root, signed_root

CODE = "004217"
FACTS = {
    "address": f"https://door.example:8443/p/acme/{SITE}",
    "sid": long_id("sid"),
    "kiosk_key": base64url_encode(bytes(DEVICE_KEY.verify_key)),
    "name": "Lobby “North”",
}
KIOSK = Secret(random_bytes("kiosk's scalar", 32))
SERVER = Secret(random_bytes("server's scalar", 32))
OFFER = make_offer(CODE, KIOSK, **FACTS)
REPLY = make_reply(CODE, SERVER, OFFER, run_id=long_id("run"), root_hash=root_hash(ROOT))
KEYS = kiosk_keys(KIOSK, OFFER, REPLY)
RESULT = PairingResult(
    device_id=long_id("device"),
    device_token="t" * 64,
    root=ROOT,
    bundle=BUNDLE,
    ca_certificate=None,
    configuration=SiteConfiguration(
        tenant_id=TENANT,
        tenant_name="Acme",
        site_id=SITE,
        site_name="North",
        time_zone="Europe/Berlin",
        languages=("en",),
        brand_colour="#123456",
        unknown_visit="ask",
        greatest_feed_age_s=None,
    ),
    server_time_ms=1,
)


def fixed(size: int) -> bytes:
    return random_bytes("nonce", size)


def nothing_fits(kiosk: RunKeys, server: RunKeys) -> bool:
    """Whether neither side would believe the other, and the result stays shut."""
    return (
        kiosk.kiosk_tag != server.kiosk_tag
        and kiosk.server_tag != server.server_tag
        and kiosk.result_key != server.result_key
    )


# ── agreement ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_equal_digits_over_equal_facts_give_equal_keys() -> None:
    """Tags for each side, a key for the result, all different from each other."""
    assert server_keys(SERVER, OFFER, REPLY) == KEYS
    assert KEYS.accepts_kiosk(base64url_encode(KEYS.kiosk_tag))
    assert KEYS.accepts_server(base64url_encode(KEYS.server_tag))
    assert len({KEYS.kiosk_tag, KEYS.server_tag, KEYS.result_key}) == 3
    assert {len(part) for part in (KEYS.kiosk_tag, KEYS.server_tag, KEYS.result_key)} == {32}
    assert RunKeys.from_bytes(bytes(KEYS)) == KEYS


def test_keys_do_not_show_themselves() -> None:
    assert repr(KEYS.result_key) not in repr(KEYS)


def test_other_digits_give_other_keys() -> None:
    """Whichever side errs; and no share tells which digits it was made of."""
    reply = make_reply("004218", SERVER, OFFER, run_id=REPLY.run_id, root_hash=REPLY.root_hash)
    assert reply.share != REPLY.share
    assert nothing_fits(kiosk_keys(KIOSK, OFFER, reply), server_keys(SERVER, OFFER, reply))


def test_a_run_never_repeats_a_share() -> None:
    """Another scalar, or another session: another share for the same digits."""
    other_scalar = make_offer(CODE, SERVER, **FACTS)
    other_session = make_offer(CODE, KIOSK, **FACTS | {"sid": long_id("another")})
    assert len({OFFER.share, other_scalar.share, other_session.share}) == 3


# ── somebody in between ──────────────────────────────────────────────────────────────────────────────────────────────


def _flipped(text: str) -> list[str]:
    """Return ``text`` with each of its bytes changed in turn; base64url stays base64url, so that lengths hold."""
    data = base64url_decode(text)
    return [base64url_encode(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]) for at in range(len(data))]


CHANGED_OFFERS = [
    *(("sid", text) for text in _flipped(OFFER.sid)),
    *(("kiosk_key", text) for text in _flipped(OFFER.kiosk_key)),
    *(("share", text) for text in _flipped(OFFER.share)),
    *(("name", OFFER.name[:at] + "x" + OFFER.name[at + 1 :]) for at in range(len(OFFER.name))),
    *(("address", OFFER.address[:at] + "#" + OFFER.address[at + 1 :]) for at in range(len(OFFER.address))),
    ("name", OFFER.name + " "),
    ("name", ""),
]
CHANGED_REPLIES = [
    *(("run_id", text) for text in _flipped(REPLY.run_id)),
    *(("root_hash", text) for text in _flipped(REPLY.root_hash)),
    *(("share", text) for text in _flipped(REPLY.share)),
]


def test_each_byte_of_the_offer_changed_on_the_way_is_noticed() -> None:
    """The server answers what it got, the kiosk goes on with what it sent: session, key, name, share, address."""
    for member, value in CHANGED_OFFERS:
        seen = dataclasses.replace(OFFER, **{member: value})
        assert seen != OFFER
        reply = make_reply(CODE, SERVER, seen, run_id=REPLY.run_id, root_hash=REPLY.root_hash)
        assert nothing_fits(kiosk_keys(KIOSK, OFFER, reply), server_keys(SERVER, seen, reply)), (member, value)


def test_each_byte_of_the_reply_changed_on_the_way_is_noticed() -> None:
    """Run, hash of the root, share."""
    for member, value in CHANGED_REPLIES:
        seen = dataclasses.replace(REPLY, **{member: value})
        assert nothing_fits(kiosk_keys(KIOSK, OFFER, seen), server_keys(SERVER, OFFER, REPLY)), (member, value)


def test_parts_cannot_flow_into_their_neighbours() -> None:
    """A border moved between key and name, or between run and root, is a change like any other."""
    moved = dataclasses.replace(OFFER, kiosk_key=OFFER.kiosk_key[:-1], name=OFFER.kiosk_key[-1] + OFFER.name)
    assert nothing_fits(KEYS, server_keys(SERVER, moved, REPLY))
    shifted = dataclasses.replace(REPLY, run_id=REPLY.run_id + "A", root_hash=REPLY.root_hash[1:])
    assert nothing_fits(kiosk_keys(KIOSK, OFFER, shifted), KEYS)


def test_whoever_swaps_the_shares_can_talk_to_neither_side() -> None:
    """In the middle with keys of their own, but without the digits: two runs, and no tag that either would take."""
    middle = Secret(random_bytes("in between", 32))
    guess = "123456"
    to_server = make_offer(guess, middle, **FACTS)
    to_kiosk = make_reply(guess, middle, OFFER, run_id=REPLY.run_id, root_hash=REPLY.root_hash)
    real = make_reply(CODE, SERVER, to_server, run_id=REPLY.run_id, root_hash=REPLY.root_hash)
    kiosk, server = kiosk_keys(KIOSK, OFFER, to_kiosk), server_keys(SERVER, to_server, real)
    known = [server_keys(middle, OFFER, to_kiosk), kiosk_keys(middle, to_server, real)]
    assert all(nothing_fits(keys, kiosk) and nothing_fits(keys, server) for keys in known)
    sealed = seal_result(server, RESULT, fixed)
    for keys in (*known, kiosk):
        with pytest.raises(PairingError):
            open_result(keys, sealed)


def test_whoever_sends_the_kiosk_its_own_words_back_does_not_pass_for_the_server() -> None:
    """Its share as the answer: the tag it gets back is its own, not the server's."""
    echo = Reply(REPLY.run_id, REPLY.root_hash, OFFER.share)
    keys = kiosk_keys(KIOSK, OFFER, echo)
    assert not keys.accepts_server(base64url_encode(keys.kiosk_tag))
    assert not keys.accepts_kiosk(base64url_encode(keys.server_tag))


# ── foreign bytes ────────────────────────────────────────────────────────────────────────────────────────────────────

SMALL_ORDER = base64url_encode(bytes(32))


@pytest.mark.parametrize(
    ("share", "code"),
    [(SMALL_ORDER, "share"), ("AAAA", "share"), ("", "share"), ("é", "not_base64url"), ("A", "not_base64url")],
)
def test_an_unusable_share_ends_the_run_on_either_side(share: str, code: str) -> None:
    """A point of small order would give everybody the same key, whatever the digits."""
    with pytest.raises(ProtocolError) as caught:
        kiosk_keys(KIOSK, OFFER, dataclasses.replace(REPLY, share=share))
    assert caught.value.code == code
    with pytest.raises(ProtocolError) as caught:
        server_keys(SERVER, dataclasses.replace(OFFER, share=share), REPLY)
    assert caught.value.code == code
    with pytest.raises(ProtocolError) as caught:
        check_offer(dataclasses.replace(OFFER, share=share))
    assert caught.value.code == code
    check_offer(OFFER)


def test_a_session_of_two_spellings_is_refused() -> None:
    """Its last character has bits that no byte fills."""
    with pytest.raises(EncodingError):
        check_offer(dataclasses.replace(OFFER, sid="B" * 22))
    with pytest.raises(EncodingError):
        make_reply(CODE, SERVER, dataclasses.replace(OFFER, sid="B" * 22), run_id="r", root_hash="h")


# ── the result ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_result_opens_under_its_run_and_no_other() -> None:
    sealed = seal_result(KEYS, RESULT, fixed)
    assert open_result(KEYS, sealed) == RESULT
    assert RESULT.device_token.encode() not in base64url_decode(sealed)
    with pytest.raises(PairingError) as caught:
        open_result(dataclasses.replace(KEYS, result_key=bytes(32)), sealed)
    assert caught.value.code == "result"


def test_each_byte_of_the_result_changed_on_the_way_is_noticed() -> None:
    for text in _flipped(seal_result(KEYS, RESULT, fixed)):
        with pytest.raises(PairingError):
            open_result(KEYS, text)


@pytest.mark.parametrize("text", ["", "AAAA", "é", "A" * 16, "A" * 37])
def test_a_text_that_is_no_result_is_refused(text: str) -> None:
    with pytest.raises(PairingError) as caught:
        open_result(KEYS, text)
    assert caught.value.code == "result"


def test_something_else_under_the_right_key_is_refused() -> None:
    """A server that knows the digits and does not keep to the protocol."""
    sealed = seal_result(KEYS, msgspec.structs.replace(RESULT, device_id="x"), fixed)
    with pytest.raises(EncodingError, match="wrong_shape"):
        open_result(KEYS, sealed)


def test_the_root_is_known_by_what_was_signed() -> None:
    """Further signatures make no other root; another document does, and what is no root has no hash."""
    signatures = ROOT.signatures * 2
    assert root_hash(msgspec.structs.replace(ROOT, signatures=signatures)) == root_hash(ROOT)
    assert root_hash(signed_root(root(expires_at=2**40))) != root_hash(ROOT)
    with pytest.raises(EnvelopeError):
        root_hash(BUNDLE)
    with pytest.raises(EnvelopeError):
        root_hash(Envelope(payload_type=ROOT.payload_type, payload="é", signatures=ROOT.signatures))


# ── guessing ─────────────────────────────────────────────────────────────────────────────────────────────────────────

CODES = 1_000
WINDOWS = 2_000
CHI_SQUARE_1_IN_1000 = 10.83
"""Of one degree of freedom, exceeded by chance once in a thousand: NIST/SEMATECH e-Handbook §1.3.6.7.4."""


def test_guessing_gets_in_as_often_as_five_in_all_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """2,000 windows over 1,000 codes, five different guesses each: 5/1,000, no less and, above all, no more."""
    # The thousand generators of one session are worked out once: only the rule of five is simulated, not the labour.
    monkeypatch.setattr(cpace, "elligator2", functools.cache(cpace.elligator2))
    chance = _Chance(20261122)
    burglar = Secret(chance.bytes(32))
    offers = {code: make_offer(code, burglar, **FACTS) for code in (f"{number:06d}" for number in range(CODES))}
    opened = sum(_window_is_opened(chance, burglar, offers) for _ in range(WINDOWS))
    expected = WINDOWS * TRIES / CODES
    missed = opened - expected
    chi_square = missed**2 / expected + missed**2 / (WINDOWS - expected)
    assert chi_square < CHI_SQUARE_1_IN_1000, f"{opened} of {WINDOWS} windows opened, {expected} expected"


class _Chance:
    """Seeded randomness, for a test that must give the same result each time."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def bytes(self, size: int) -> bytes:
        return self._random.randbytes(size)

    def codes(self, count: int) -> list[str]:
        return [f"{number:06d}" for number in self._random.sample(range(CODES), count)]


def _window_is_opened(chance: _Chance, burglar: Secret, offers: Mapping[str, Offer]) -> bool:
    """Open a window with a secret code, let the burglar use up its tries, and tell whether a tag of theirs fits."""
    (code,) = chance.codes(1)
    for guess in chance.codes(TRIES):
        secret = Secret(chance.bytes(32))
        reply = make_reply(code, secret, offers[guess], run_id=REPLY.run_id, root_hash=REPLY.root_hash)
        tag = server_keys(secret, offers[guess], reply).kiosk_tag
        if kiosk_keys(burglar, offers[guess], reply).kiosk_tag == tag:
            return True
    return False
