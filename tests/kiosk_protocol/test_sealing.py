"""Sealing: details open to the code alone, items to the server alone, chains to nobody who drops a link."""

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace as replace_struct
from nacl.public import PrivateKey

from kiosk_protocol.encoding import base64url_decode, base64url_encode
from kiosk_protocol.errors import SealError
from kiosk_protocol.identifiers import SiteId, TenantId, VisitDigest, visit_digest
from kiosk_protocol.messages import SealedDetails, decode, encode
from kiosk_protocol.sealing import (
    MAX_DETAILS_BYTES,
    PADDING_BYTES,
    SealContext,
    VisitDetails,
    chain_next,
    chain_start,
    item_hash,
    open_details,
    open_item,
    seal_details,
    seal_item,
)
from tests.kiosk_protocol.samples import CLAIMS, NOON, OTHER_SITE, SITE, TENANT, long_id, random_bytes

SIGNATURE = random_bytes("a token's signature", 64)
CONTEXT = SealContext(TENANT, SITE, visit_digest(CLAIMS.visit), 0, 3)
DETAILS = VisitDetails(
    visitor_name="Grace Hopper",
    host_name="Ada Lovelace",
    room="Mercury",
    purpose=None,
    arrival=NOON,
    departure=NOON + 3600,
)


class Randomness:
    """Hands out other bytes at each call, the same in each run."""

    def __init__(self) -> None:
        self.calls: list[int] = []

    def __call__(self, size: int) -> bytes:
        self.calls.append(size)
        return random_bytes(f"call {len(self.calls)}", size)


SEALED = seal_details(DETAILS, SIGNATURE, CONTEXT, Randomness())
NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=200)


@given(NAMES, st.none() | NAMES, st.none() | NAMES)
@settings(deadline=None)
def test_details_open_to_who_shows_the_code(visitor: str, host: str | None, purpose: str | None) -> None:
    """Any names come back, through the feed's JSON."""
    details = VisitDetails(visitor_name=visitor, host_name=host, purpose=purpose, arrival=NOON, departure=NOON)
    sealed = decode(encode(seal_details(details, SIGNATURE, CONTEXT, Randomness())), SealedDetails)
    assert open_details(sealed, SIGNATURE, CONTEXT) == details


@pytest.mark.parametrize(
    "context",
    [
        replace(CONTEXT, tenant=TenantId(long_id("other tenant"))),
        replace(CONTEXT, site=OTHER_SITE),
        replace(CONTEXT, digest=VisitDigest(CONTEXT.digest.swapcase())),
        replace(CONTEXT, revision=1),
        replace(CONTEXT, edit=4),
    ],
)
def test_details_open_in_their_own_context_alone(context: SealContext) -> None:
    """Those of another tenant, site, visit, revision or edit do not open, even with the right code."""
    with pytest.raises(SealError, match="details"):
        open_details(SEALED, SIGNATURE, context)


def test_details_do_not_open_to_another_code() -> None:
    """One bit of the signature is enough."""
    with pytest.raises(SealError, match="details"):
        open_details(SEALED, SIGNATURE[:-1] + bytes([SIGNATURE[-1] ^ 1]), CONTEXT)


@pytest.mark.parametrize("size", [0, 32, 63, 65])
def test_only_a_whole_signature_makes_a_key(size: int) -> None:
    """Derived from nothing, the key would be everybody's."""
    with pytest.raises(SealError, match="signature_size"):
        seal_details(DETAILS, bytes(size), CONTEXT, Randomness())
    with pytest.raises(SealError, match="signature_size"):
        open_details(SEALED, bytes(size), CONTEXT)


@pytest.mark.parametrize("member", ["wrapped_key", "details"])
def test_every_damaged_byte_is_noticed(member: str) -> None:
    """In the wrapped key as in the details; so are texts that are no base64url, short or empty."""
    data = base64url_decode(getattr(SEALED, member))
    damaged = [data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :] for place in range(len(data))]
    texts = [base64url_encode(part) for part in (*damaged, b"", data[:5], data[:12], data[:-1], data + b"\0")]
    for text in [*texts, "*", "é"]:
        with pytest.raises(SealError, match="details"):
            open_details(replace_struct(SEALED, **{member: text}), SIGNATURE, CONTEXT)


def test_lengths_say_little_about_names() -> None:
    """Details are padded to a multiple of 512 bytes, so a short name and a long one look alike."""
    lengths = set()
    for name in ("A", "A" * 150):
        sealed = seal_details(replace_struct(DETAILS, visitor_name=name), SIGNATURE, CONTEXT, Randomness())
        lengths.add(len(base64url_decode(sealed.details)))
    assert lengths == {12 + PADDING_BYTES + 16}


def test_each_sealing_uses_new_keys_and_nonces() -> None:
    """A content key of 32 bytes and two nonces of 12 are drawn every time."""
    randomness = Randomness()
    first = seal_details(DETAILS, SIGNATURE, CONTEXT, randomness)
    second = seal_details(DETAILS, SIGNATURE, CONTEXT, randomness)
    assert randomness.calls == [32, 12, 12] * 2
    assert first.wrapped_key != second.wrapped_key
    assert first.details != second.details


def test_details_too_large_to_be_read_are_not_sealed() -> None:
    """One such visit would make the whole page of the feed unreadable."""
    room = MAX_DETAILS_BYTES - len(encode(replace_struct(DETAILS, visitor_name="")))
    seal_details(replace_struct(DETAILS, visitor_name="x" * room), SIGNATURE, CONTEXT, Randomness())
    with pytest.raises(SealError, match="details_size"):
        seal_details(replace_struct(DETAILS, visitor_name="x" * (room + 1)), SIGNATURE, CONTEXT, Randomness())


def test_sealed_content_of_another_shape_is_refused() -> None:
    """Sealed by somebody with the key, but not what details look like."""
    nameless = replace_struct(DETAILS, visitor_name="")
    with pytest.raises(SealError, match="details_shape"):
        open_details(seal_details(nameless, SIGNATURE, CONTEXT, Randomness()), SIGNATURE, CONTEXT)


def test_a_wrapped_key_of_another_size_is_refused() -> None:
    """The code's holder could wrap anything; AES-128 is not what the protocol says."""
    sealed = seal_details(DETAILS, SIGNATURE, CONTEXT, lambda size: bytes(16 if size == 32 else size))
    with pytest.raises(SealError, match="details_shape"):
        open_details(sealed, SIGNATURE, CONTEXT)


def test_the_associated_data_is_five_lines() -> None:
    """Tenant, site, digest, revision, edit."""
    context = SealContext(TenantId("T" * 22), SiteId("S" * 11), VisitDigest("D" * 43), 7, 12)
    assert context.associated_data() == b"T" * 22 + b"\n" + b"S" * 11 + b"\n" + b"D" * 43 + b"\n7\n12"


SEAL_KEY = PrivateKey(random_bytes("seal key", 32))


def test_an_item_opens_to_the_server_alone() -> None:
    """Who sealed it cannot open it, nor can another key; damaged or cut, it opens to nobody."""
    sealed = seal_item(b"a signed check-in", bytes(SEAL_KEY.public_key))
    assert open_item(sealed, SEAL_KEY) == b"a signed check-in"
    damaged = [sealed[:-1] + bytes([sealed[-1] ^ 1]), sealed[:-1], sealed[:20], b""]
    for data, key in [*((data, SEAL_KEY) for data in damaged), (sealed, PrivateKey(random_bytes("other", 32)))]:
        with pytest.raises(SealError, match="item"):
            open_item(data, key)


def test_two_sealings_of_one_item_differ() -> None:
    """So hash and chain name what was sent, not what it says."""
    assert seal_item(b"x", bytes(SEAL_KEY.public_key)) != seal_item(b"x", bytes(SEAL_KEY.public_key))


def test_a_chain_is_sha_256_all_the_way() -> None:
    """It starts with the hash of its name; each link is the hash of the one before and the item's hash."""
    start = chain_start("C" * 22)
    assert start == hashlib.sha256(b"C" * 22).digest()
    assert chain_next(start, item_hash(b"item")) == hashlib.sha256(start + hashlib.sha256(b"item").digest()).digest()


@given(st.lists(st.binary(max_size=8), min_size=2, max_size=6, unique=True), st.data())
@settings(deadline=None)
def test_dropping_or_swapping_an_item_changes_the_end_of_the_chain(items: list[bytes], data: st.DataObject) -> None:
    """Whoever holds the last link holds the whole order."""

    def end(of: list[bytes]) -> bytes:
        link = chain_start("C" * 22)
        for item in of:
            link = chain_next(link, item_hash(item))
        return link

    place = data.draw(st.integers(0, len(items) - 2))
    swapped = [*items[:place], items[place + 1], items[place], *items[place + 2 :]]
    assert end(items) != end(swapped)
    assert end(items) != end(items[:place] + items[place + 1 :])
