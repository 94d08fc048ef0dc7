"""CPace: the draft's own vectors, its abort conditions, and the map to the curve against a plainer one."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.bindings import crypto_scalarmult

from kiosk_protocol.cpace import (
    Half,
    Secret,
    confirmation_tag,
    elligator2,
    generator_string,
    lv_cat,
    make_share,
    session_key,
    transcript,
)
from kiosk_protocol.errors import PairingError
from tests.kiosk_protocol.samples import random_bytes

DRAFT = json.loads((Path(__file__).parent / "draft_irtf_cfrg_cpace_21.json").read_text())
RUN: dict[str, bytes] = {name: bytes.fromhex(value) for name, value in DRAFT["run"].items()}
A = Half(RUN["Ya"], RUN["ADa"])
B = Half(RUN["Yb"], RUN["ADb"])
P = 2**255 - 19


# ── the draft's vectors ──────────────────────────────────────────────────────────────────────────────────────────────


def test_lengths_are_prepended_as_in_appendix_a_1() -> None:
    """One byte to 127, two from 128."""
    for part, is_ in DRAFT["prependLen"].items():
        assert lv_cat(bytes.fromhex(part)).hex() == is_
    assert lv_cat(*map(bytes.fromhex, DRAFT["lvCat"]["parts"])).hex() == DRAFT["lvCat"]["is"]


def test_transcripts_are_those_of_appendix_a_3_5() -> None:
    for case in DRAFT["transcripts"]:
        ya, ada, yb, adb = (part.encode() for part in case["parts"])
        assert transcript(Half(ya, ada), Half(yb, adb)).hex() == case["is"]
    assert transcript(A, B) == RUN["transcript"]


def test_the_generator_is_that_of_appendix_b_1_1() -> None:
    """The string, and the map of its hash; the hash's unused bit changes nothing."""
    assert generator_string(RUN["PRS"], RUN["CI"], RUN["sid"]) == RUN["generatorString"]
    assert elligator2(RUN["generatorStringHash"]) == RUN["g"]
    assert elligator2(RUN["fieldElement"]) == RUN["g"]


@pytest.mark.parametrize(("scalar", "share"), [("ya", "Ya"), ("yb", "Yb")])
def test_shares_are_those_of_appendices_b_1_2_and_b_1_3(scalar: str, share: str) -> None:
    assert make_share(Secret(RUN[scalar]), RUN["PRS"], RUN["CI"], RUN["sid"]) == RUN[share]


@pytest.mark.parametrize(("scalar", "theirs"), [("ya", "Yb"), ("yb", "Ya")])
def test_both_sides_get_the_key_of_appendix_b_1_5(scalar: str, theirs: str) -> None:
    """By way of the point of B.1.4."""
    assert crypto_scalarmult(RUN[scalar], RUN[theirs]) == RUN["K"]
    assert session_key(Secret(RUN[scalar]), RUN[theirs], RUN["sid"], A, B) == RUN["ISK"]


@pytest.mark.parametrize("point", DRAFT["lowOrder"]["points"], ids=lambda point: point["name"])
def test_points_of_small_order_end_the_run(point: dict[str, Any]) -> None:
    """Appendix B.1.10: those that must abort do; the others give the draft's result, bit 255 ignored."""
    scalar, u = bytes.fromhex(DRAFT["lowOrder"]["s"]), bytes.fromhex(point["u"])
    if point["name"] in DRAFT["lowOrder"]["mustAbort"]:
        assert int(point["q"], 16) == 0
        with pytest.raises(PairingError) as caught:
            session_key(Secret(scalar), u, RUN["sid"], A, B)
        assert caught.value.code == "share"
    else:
        assert crypto_scalarmult(scalar, u).hex() == point["q"]
        session_key(Secret(scalar), u, RUN["sid"], A, B)


# ── beyond them ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _plain_elligator2(encoded: bytes) -> bytes:
    """RFC 9380 §6.7.1 as one would write it down: Euclid's inverse, and a branch."""
    r = int.from_bytes(encoded, "little") % 2**255
    x1 = -486662 * pow(1 + 2 * r * r, -1, P) % P
    gx1 = (x1**3 + 486662 * x1**2 + x1) % P
    if pow(gx1, (P - 1) // 2, P) != 1:
        x1 = (-x1 - 486662) % P
    return x1.to_bytes(32, "little")


@given(st.binary(min_size=32, max_size=32))
@settings(deadline=None, max_examples=200)
def test_the_map_without_branches_is_the_map_with_them(encoded: bytes) -> None:
    assert elligator2(encoded) == _plain_elligator2(encoded)


@pytest.mark.parametrize("number", [0, 1, P - 1, P, P + 18, 2**255 - 1, 2**256 - 1])
def test_the_map_is_defined_at_the_edges_of_the_field(number: int) -> None:
    """And leads to the curve itself, not to its twist: u³ + 486662 u² + u is a square, or 0 where r is."""
    encoded = number.to_bytes(32, "little")
    u = int.from_bytes(elligator2(encoded), "little")
    assert elligator2(encoded) == _plain_elligator2(encoded)
    assert u < P
    assert pow(u**3 + 486662 * u**2 + u, (P - 1) // 2, P) == (0 if number in {0, P} else 1)


def test_no_input_of_the_map_divides_by_zero() -> None:
    """1 + 2 r² is zero for no r, because -1/2 is no square."""
    assert pow(-pow(2, -1, P) % P, (P - 1) // 2, P) == P - 1


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_share_of_another_size_ends_the_run(size: int) -> None:
    """The library would read beyond its end."""
    with pytest.raises(PairingError) as caught:
        session_key(Secret(RUN["ya"]), bytes(size), RUN["sid"], A, B)
    assert caught.value.code == "share"


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_scalar_of_another_size_is_a_mistake_of_ours(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Secret(bytes(size))


def test_a_secret_does_not_show_itself() -> None:
    """Not in a log, not in a traceback that prints locals."""
    assert RUN["ya"].hex() not in repr(Secret(RUN["ya"]))
    assert repr(RUN["ya"]) not in repr(Secret(RUN["ya"]))


def test_a_long_code_needs_no_padding() -> None:
    """Where code and name of the suite fill the block alone, the padding is empty."""
    string = generator_string(bytes(200), b"c", b"s")
    assert string == lv_cat(b"CPace255", bytes(200), b"", b"c", b"s")


@pytest.mark.parametrize("member", ["code", "channel", "sid"])
def test_whoever_differs_in_one_input_gets_another_share_and_key(member: str) -> None:
    same = {"code": b"004217", "channel": b"https://door.example/p/acme/S", "sid": bytes(16)}
    other = same | {member: same[member][:-1] + b"\x01"}
    a, b = Secret(random_bytes("a", 32)), Secret(random_bytes("b", 32))
    ours, theirs = Half(make_share(a, **same), b"A"), Half(make_share(b, **other), b"B")
    assert make_share(a, **same) != make_share(a, **other)
    assert session_key(a, theirs.share, same["sid"], ours, theirs) != session_key(
        b, ours.share, other["sid"], ours, theirs
    )


def test_tags_follow_from_key_session_and_what_was_said() -> None:
    """§10.4: another key, session, share or data, another tag; the two sides' tags differ."""
    tag = confirmation_tag(RUN["ISK"], RUN["sid"], A)
    assert len(tag) == 32
    others = [
        confirmation_tag(RUN["ISK"][:-1] + b"\0", RUN["sid"], A),
        confirmation_tag(RUN["ISK"], bytes(16), A),
        confirmation_tag(RUN["ISK"], RUN["sid"], Half(A.share, b"ADx")),
        confirmation_tag(RUN["ISK"], RUN["sid"], Half(B.share, A.associated_data)),
        confirmation_tag(RUN["ISK"], RUN["sid"], B),
    ]
    assert len({tag, *others}) == 6
