"""Vectors of visit tokens, as they are shown to the camera: raw, in a deep link, and compact."""

from collections.abc import Iterator
from typing import Any

from kiosk_protocol.claims import VisitClaims
from kiosk_protocol.encoding import base45_decode, base45_encode, base64url_encode
from kiosk_protocol.tokens import VerifiedVisitToken, verify_shown_code
from kiosk_protocol.transport import to_compact
from tests.kiosk_protocol.hostile_tokens import PAYLOAD, TOKEN, VARIANTS, header, payload
from tests.kiosk_protocol.samples import HEADER, OTHER_SITE, SITE, STRANGER_KEY, VISIT_KEYS, sign_token

Json = dict[str, Any]

LINK = "https://visit.example/checkin?token="


def visit_tokens() -> Json:
    """Return every shown text with the reason for refusing it, or the claims it is accepted for."""
    texts = [(v.name, v.text, v.reason) for v in VARIANTS] + list(_transports())
    return {
        "what": "Texts of symbols, and the claims of those that are visit tokens of this site.",
        "site": SITE,
        "keys": {kid: base64url_encode(key.raw) for kid, key in VISIT_KEYS.items()},
        "vectors": [
            {"name": name, "text": text, "code": reason, "value": None if reason else _claims(text)}
            for name, text, reason in texts
        ],
    }


def _claims(text: str) -> Json:
    result = verify_shown_code(text, VISIT_KEYS, SITE)
    assert isinstance(result, VerifiedVisitToken)
    return members_of(result.claims)


def members_of(claims: VisitClaims) -> Json:
    """Return claims as a token says them: ``rev`` only on a re-issued code."""
    members = {"jti": claims.visit, "sub": claims.visitor, "aud": claims.site}
    times = {"nbf": claims.not_before, "exp": claims.expires}
    return {**members, **times, **({"rev": claims.revision} if claims.revision else {})}


def _transports() -> Iterator[tuple[str, str, str | None]]:
    reissued, elsewhere = sign_token(HEADER, payload(rev=10)), sign_token(HEADER, payload(aud=OTHER_SITE))
    stranger = sign_token(header(kid="AAAAAAAA"), PAYLOAD, STRANGER_KEY)
    forged = sign_token(HEADER, PAYLOAD, STRANGER_KEY)
    for form, show in {"compact": to_compact, "deep link": LINK.__add__}.items():
        yield f"{form}: as issued", show(TOKEN), None
        yield f"{form}: rev 10", show(reissued), None
        yield f"{form}: for another site", show(elsewhere), "wrong_site"
        yield f"{form}: kid nobody knows", show(stranger), "unknown_key"
        yield f"{form}: signed by a stranger", show(forged), "bad_signature"
    compact = to_compact(TOKEN)
    data = base45_decode(compact[3:])
    for name, body in {
        "cut by a byte": data[:-1],
        "a byte behind": data + b"\0",
        "header length one more": bytes([data[0] + 1]) + data[1:],
        "payload length one less": data[:1] + (int.from_bytes(data[1:3], "big") - 1).to_bytes(2, "big") + data[3:],
        "nothing": b"",
        "lengths of nothing": bytes(3) + data[-64:],
    }.items():
        yield f"compact: {name}", f"V1:{base45_encode(body)}", "malformed"
    yield "compact: small letters", "V1:" + compact[3:].lower(), "malformed"
    yield "compact: a group over its range", compact[:3] + ":::" + compact[6:], "malformed"
    yield "compact: a small v", "v1:" + compact[3:], "not_a_visit_code"
    yield "deep link: with another member and a fragment", f"https://a.example:1/x/checkin?l=de&token={TOKEN}#f", None
    yield "deep link: dots escaped", LINK + TOKEN.replace(".", "%2E"), None
    yield "deep link: plain http", f"http://visit.example/checkin?token={TOKEN}", None
    yield "deep link: two tokens", f"{LINK}{TOKEN}&token={TOKEN}", "malformed"
    yield "deep link: an empty token", LINK, "malformed"
    yield "deep link: another path", f"https://visit.example/login?token={TOKEN}", "not_a_visit_code"
    yield "deep link: token in the fragment", f"https://visit.example/checkin#token={TOKEN}", "not_a_visit_code"
    yield "deep link: too long", f"{LINK}{TOKEN}&x={'y' * 2048}", "not_a_visit_code"
    for text in ("https://example.org", "WIFI:T:WPA;S:lobby;P:secret;;", "4006381333931", "www.example.com", "\ud800"):
        yield f"somebody else's: {text!r}", text, "not_a_visit_code"
