"""Vectors of what a kiosk shows to the server: device tokens, proofs, and the addresses of pairing."""

from typing import Any

from kiosk_protocol.encoding import base64url_encode
from kiosk_protocol.errors import ProtocolError
from kiosk_protocol.pairing import parse_setup_code
from kiosk_protocol.proofs import make_proof
from tests.kiosk_protocol import test_device_tokens as device
from tests.kiosk_protocol import test_pairing as pairing
from tests.kiosk_protocol import test_proofs as proofs
from tests.kiosk_protocol.samples import DEVICE_KEY, NOON, SITE, STRANGER_KEY, kid_of, sign_token

Json = dict[str, Any]


def device_tokens() -> Json:
    """Return device tokens at a time."""
    claims = device.CLAIMS
    cases: dict[str, tuple[str, int, str | None]] = {
        "as issued": (device.TOKEN, NOON, None),
        "in its last second": (device.TOKEN, claims.expires - 1, None),
        "at its end": (device.TOKEN, claims.expires, "token_expired"),
        "an unknown key": (
            sign_token({**device.HEADER, "kid": kid_of(STRANGER_KEY)}, device.MEMBERS, STRANGER_KEY),
            NOON,
            "token_key",
        ),
        "a stranger's signature": (sign_token(device.HEADER, device.MEMBERS, STRANGER_KEY), NOON, "token_signature"),
        **{name: (token, NOON, "token_form") for name, token in device.FORMS.items()},
        **{
            f"claims: {name}": (sign_token(device.HEADER, payload, device.ISSUER), NOON, "token_claims")
            for name, payload in device.CLAIM_FAULTS.items()
        },
    }
    return {
        "what": "Device tokens at `now`, and what they claim.",
        "keys": {kid_of(device.ISSUER): base64url_encode(bytes(device.ISSUER.verify_key))},
        "vectors": [
            {"name": name, "token": token, "now": now, "code": code, "value": None if code else device.MEMBERS}
            for name, (token, now, code) in cases.items()
        ],
    }


def dpop_proofs() -> Json:
    """Return proofs for one request."""
    nonce = make_proof(DEVICE_KEY, **proofs.AIM, proof_id="proof-0002", issued_at_s=NOON, nonce="n-1")
    aim = {"method": "POST", "url": proofs.URL, "accessToken": device.TOKEN, "nonce": None}
    cases: dict[str, tuple[str, Json, str | None]] = {
        "as made": (proofs.PROOF, {}, None),
        "with the nonce that was asked for": (nonce, {"nonce": "n-1"}, None),
        "with a nonce nobody asked for": (nonce, {}, None),
        "without the nonce": (proofs.PROOF, {"nonce": "n-1"}, "proof_nonce"),
        "for another method": (proofs.PROOF, {"method": "GET"}, "proof_aim"),
        "for another address": (proofs.PROOF, {"url": proofs.URL + "/"}, "proof_aim"),
        "for another token": (proofs.PROOF, {"accessToken": device.TOKEN[:-1]}, "proof_aim"),
        "a stranger's signature": (sign_token(proofs.HEADER, proofs.MEMBERS, STRANGER_KEY), {}, "proof_signature"),
        **{name: (proof, {}, "proof_form") for name, proof in proofs.FORMS.items()},
        **{
            f"key: {name}": (
                proofs.by_hand(proofs.MEMBERS, {**proofs.HEADER, "jwk": {**proofs.HEADER["jwk"], **change}}),
                {},
                "proof_key",
            )
            for name, change in proofs.JWK_FAULTS.items()
        },
        **{f"claims: {name}": (proofs.by_hand(part), {}, "proof_claims") for name, part in proofs.CLAIM_FAULTS.items()},
    }
    return {
        "what": "Proofs for the request `aim` (changed by `but`), and the maker's thumbprint.",
        "aim": aim,
        "vectors": [
            {
                "name": name,
                "proof": proof,
                "but": change,
                "code": code,
                "value": None if code else proofs.CHECKED.thumbprint,
            }
            for name, (proof, change, code) in cases.items()
        ],
    }


def setup_codes() -> Json:
    """Return texts that name a place to pair, and texts that do not."""
    texts = [
        pairing.ADDRESS,
        f"{pairing.ADDRESS}#window={pairing.WINDOW}",
        f"{pairing.ADDRESS}#ca={pairing.FINGERPRINT}",
        f"{pairing.ADDRESS}#ca={pairing.FINGERPRINT}&window={pairing.WINDOW}",
        f"{pairing.ADDRESS}#window={pairing.WINDOW[:-1]}",
        f"HTTPS://Door.Example/p/acme/{SITE}",
        f"https://[2001:db8::1]:8443/p/acme/{SITE}",
        f"http://127.0.0.1:8000/p/acme/{SITE}",
        f"http://door.example/p/acme/{SITE}",
        f"http://localhost.evil.example/p/acme/{SITE}",
        f"https://user@door.example/p/acme/{SITE}",
        f"https://door.exa\nmple/p/acme/{SITE}",
        f"https://door.example/p/Acme/{SITE}",
        f"https://door.example/p/acme/{SITE}?x=1",
        "https://door.example/p/acme/short",
        f"{pairing.ADDRESS}#ca={pairing.FINGERPRINT[:-1]}",
        f"{pairing.ADDRESS}#sha={pairing.FINGERPRINT}",
        "hello",
    ]
    return {
        "what": "Set-up codes: the address each names, and the window.",
        "vectors": [_setup_code(text) for text in texts],
    }


def _setup_code(text: str) -> Json:
    try:
        found = parse_setup_code(text)
    except ProtocolError as error:
        return {"name": text, "text": text, "code": error.code, "value": None}
    return {"name": text, "text": text, "code": None, "value": [found.address, found.window]}
