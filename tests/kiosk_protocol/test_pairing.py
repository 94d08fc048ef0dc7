"""Pairing: set-up codes that name one place, and tags that two sides share only over the same run."""

import dataclasses
import hashlib
import hmac
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_protocol.encoding import base64url_decode, base64url_encode
from kiosk_protocol.errors import EncodingError
from kiosk_protocol.identifiers import SiteId
from kiosk_protocol.pairing import PairingTranscript, is_slug, pairing_address, parse_setup_code, tags_equal
from tests.kiosk_protocol.samples import DEVICE_KEY, SITE, long_id, random_bytes

FINGERPRINT = base64url_encode(random_bytes("ca", 32))
ADDRESS = f"https://door.example:8443/p/acme/{SITE}"


@pytest.mark.parametrize(
    ("text", "base_url", "fingerprint"),
    [
        (ADDRESS, "https://door.example:8443", None),
        (f"{ADDRESS}#ca={FINGERPRINT}", "https://door.example:8443", FINGERPRINT),
        (f"  {ADDRESS}\n", "https://door.example:8443", None),
        (f"{ADDRESS}#", "https://door.example:8443", None),
        (f"HTTPS://Door.Example/p/acme/{SITE}", "https://door.example", None),
        (f"https://192.0.2.7/p/acme/{SITE}", "https://192.0.2.7", None),
        (f"https://[2001:db8::1]:8443/p/acme/{SITE}", "https://[2001:db8::1]:8443", None),
        (f"http://127.0.0.1:8000/p/acme/{SITE}", "http://127.0.0.1:8000", None),
        (f"http://[::1]/p/acme/{SITE}", "http://[::1]", None),
        (f"http://localhost/p/acme/{SITE}", "http://localhost", None),
    ],
)
def test_a_setup_code_is_read(text: str, base_url: str, fingerprint: str | None) -> None:
    """Typed or scanned; read again from what it prints, it is the same."""
    code = parse_setup_code(text)
    assert (code.base_url, code.tenant_slug, code.site, code.ca_fingerprint) == (base_url, "acme", SITE, fingerprint)
    assert code.address == pairing_address(base_url, "acme", SITE)
    assert parse_setup_code(str(code)) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "https://door.example",
        "https://door.example/p/acme",
        f"https://door.example/q/acme/{SITE}",
        f"https://door.example/p/acme/{SITE}/",
        f"https://door.example/x/p/acme/{SITE}",
        f"https://door.example/p/Acme/{SITE}",
        f"https://door.example/p/-acme/{SITE}",
        f"https://door.example/p/{'a' * 64}/{SITE}",
        "https://door.example/p/acme/short",
        f"https:///p/acme/{SITE}",
        f"https://door.example:port/p/acme/{SITE}",
        f"https://door.example:99999/p/acme/{SITE}",
        f"https://user@door.example/p/acme/{SITE}",
        f"https://@door.example/p/acme/{SITE}",
        f"https://user:secret@door.example/p/acme/{SITE}",
        f"https://door_example/p/acme/{SITE}",
        f"https://d\u00f6or.example/p/acme/{SITE}",
        f"https://door.example\\@evil.example/p/acme/{SITE}",
        f"https://door.exa\nmple/p/acme/{SITE}",
        f"https://door.example/p/ac\tme/{SITE}",
        f"https://[::1/p/acme/{SITE}",
        f"https://[::zz]/p/acme/{SITE}",
        f"https://[v1.a:b]/p/acme/{SITE}",
        f"https://door.example/p/acme/{SITE}?",
        f"https://door.example/p/acme/{SITE}?x=1",
        f"{ADDRESS}#ca=",
        f"{ADDRESS}#ca={FINGERPRINT[:-1]}",
        f"{ADDRESS}#ca={FINGERPRINT}=",
        f"{ADDRESS}#sha={FINGERPRINT}",
        f"{ADDRESS}#ca={FINGERPRINT}&x",
        f"{ADDRESS}#{'x' * 600}",
    ],
)
def test_anything_else_is_no_setup_code(text: str) -> None:
    """Other paths, hosts that nobody saw, users, queries and broken fingerprints."""
    with pytest.raises(EncodingError) as caught:
        parse_setup_code(text)
    assert caught.value.code == "setup_code"


@pytest.mark.parametrize(
    "base", ["http://door.example", "http://192.168.0.1", "http://localhost.evil.example", "ftp://127.0.0.1"]
)
def test_plain_http_leaves_this_machine_never(base: str) -> None:
    """It has a code of its own, because people do type it."""
    with pytest.raises(EncodingError) as caught:
        parse_setup_code(f"{base}/p/acme/{SITE}")
    assert caught.value.code == "setup_code_scheme"


@given(st.text(st.characters(), max_size=60) | st.text("htps:/[]@?#%.p1-", max_size=30).map("https://".__add__))
@settings(deadline=None)
def test_no_text_raises_anything_else(text: str) -> None:
    """Texts at random are no set-up code."""
    with pytest.raises(EncodingError):
        parse_setup_code(text)


def test_a_slug_is_a_dns_label() -> None:
    """So that it can become a host name later."""
    assert all(map(is_slug, ["a", "acme", "a-1", "1", "a" * 63]))
    assert not any(map(is_slug, ["", "-a", "a-", "A", "a.b", "a_b", "a" * 64, "ä", "a\n"]))


def test_an_address_has_one_spelling() -> None:
    """A slash behind the server's address makes no difference."""
    assert pairing_address("https://a/", "acme", SiteId("S" * 11)) == "https://a/p/acme/SSSSSSSSSSS"


RUN = PairingTranscript(
    address=ADDRESS,
    sid=long_id("sid"),
    kiosk_key=base64url_encode(bytes(DEVICE_KEY.verify_key)),
    name="Lobby “North”",
    run_id=long_id("run"),
    server_share=long_id("share"),
    code="004217",
)


def test_tags_are_those_of_the_protocol() -> None:
    """HMAC-SHA256 under HKDF-SHA256 of the digits, over side and run, written out here by hand."""
    extracted = hmac.digest(RUN.sid.encode(), b"004217", hashlib.sha256)
    key = hmac.digest(extracted, b"atrium/pair/tls-1\x01", hashlib.sha256)
    parts = ["tls-1", RUN.address, RUN.sid, RUN.kiosk_key, RUN.name, RUN.run_id, RUN.server_share]
    run = json.dumps(parts, separators=(",", ":"))
    for tag, side in ((RUN.kiosk_tag(), "kiosk"), (RUN.server_tag(), "server")):
        assert base64url_decode(tag) == hmac.digest(key, f"{side}\n{run}".encode(), hashlib.sha256)


@pytest.mark.parametrize("member", [field.name for field in dataclasses.fields(PairingTranscript)])
def test_whoever_changes_a_part_of_the_run_gets_other_tags(member: str) -> None:
    """Address, session, key, name, run, share and code are all bound."""
    other = dataclasses.replace(RUN, **{member: getattr(RUN, member)[:-1] + "0"})
    assert other != RUN
    assert not tags_equal(other.kiosk_tag(), RUN.kiosk_tag())
    assert not tags_equal(other.server_tag(), RUN.server_tag())


def test_a_part_cannot_flow_into_its_neighbour() -> None:
    """Quotes, commas and line feeds in a name do not move the borders between parts."""
    first = dataclasses.replace(RUN, name='a","b', run_id="c")
    second = dataclasses.replace(RUN, name="a", run_id='b","c')
    assert first.kiosk_tag() != second.kiosk_tag()


def test_the_sides_cannot_echo_each_other() -> None:
    """The kiosk's tag sent back to it is not the server's."""
    assert not tags_equal(RUN.kiosk_tag(), RUN.server_tag())
    assert tags_equal(RUN.server_tag(), dataclasses.replace(RUN).server_tag())
    assert not tags_equal(RUN.server_tag(), "é")
