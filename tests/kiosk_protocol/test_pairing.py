"""Pairing: set-up codes name one place, and perhaps one window."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.errors import EncodingError
from kiosk_protocol.identifiers import SiteId
from kiosk_protocol.pairing import is_slug, pairing_address, parse_setup_code
from tests.kiosk_protocol.samples import SITE, random_bytes

WINDOW = "k2jh7abcdefgh3xy"
FINGERPRINT = base64url_encode(random_bytes("ca", 32))
ADDRESS = f"https://door.example:8443/p/acme/{SITE}"


@pytest.mark.parametrize(
    ("text", "base_url", "window"),
    [
        (ADDRESS, "https://door.example:8443", None),
        (f"{ADDRESS}#window={WINDOW}", "https://door.example:8443", WINDOW),
        (f"{ADDRESS}#ca={FINGERPRINT}", "https://door.example:8443", None),
        (f"{ADDRESS}#ca={FINGERPRINT}&window={WINDOW}", "https://door.example:8443", WINDOW),
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
def test_a_setup_code_is_read(text: str, base_url: str, window: str | None) -> None:
    """Typed or scanned; read again from what it prints, it is the same. A fingerprint of earlier days is read over."""
    code = parse_setup_code(text)
    assert (code.base_url, code.tenant_slug, code.site, code.window) == (base_url, "acme", SITE, window)
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
        f"{ADDRESS}#ca={FINGERPRINT}&",
        f"{ADDRESS}#window=",
        f"{ADDRESS}#window={WINDOW[:-1]}",
        f"{ADDRESS}#window={WINDOW}a",
        f"{ADDRESS}#window={WINDOW.upper()}",
        f"{ADDRESS}#window={WINDOW}&ca={FINGERPRINT}",
        f"{ADDRESS}#window={WINDOW}&window={WINDOW}",
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
