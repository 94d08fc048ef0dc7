"""Published vectors: Wycheproof for the primitives as we call them, RFC 8037 for JWS with Ed25519."""

from collections.abc import Iterator, Mapping
from typing import Any

import jwt
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from nacl.signing import SigningKey

from kiosk_protocol.device_tokens import key_thumbprint
from kiosk_protocol.encoding import base64url_decode, base64url_encode
from kiosk_protocol.errors import SealError
from kiosk_protocol.keys import load_public_key
from kiosk_protocol.sealing import NONCE_BYTES, _decrypt
from tests.kiosk_protocol.samples import VISIT_KID, published


def _tests(document: Any) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    for group in document["testGroups"]:
        yield from ((group, test) for test in group["tests"])


def test_wycheproof_ed25519() -> None:
    """All 151 signatures are judged as Wycheproof says, and no key of theirs is refused at loading."""
    document = published("wycheproof/ed25519_test.json")
    wrong = []
    for group, test in _tests(document):
        key = load_public_key(VISIT_KID, base64url_encode(bytes.fromhex(group["publicKey"]["pk"])))
        result = key.verifies(bytes.fromhex(test["msg"]), bytes.fromhex(test["sig"]))
        if result != (test["result"] == "valid"):
            wrong.append(test["tcId"])
    assert document["numberOfTests"] == 151
    assert wrong == []


def test_wycheproof_aes_gcm() -> None:
    """With 256-bit keys and 96-bit nonces, opening sealed details agrees with Wycheproof on every vector."""
    judged = 0
    for group, test in _tests(published("wycheproof/aes_gcm_test.json")):
        if (group["keySize"], group["ivSize"], group["tagSize"]) != (256, 8 * NONCE_BYTES, 128):
            continue
        judged += 1
        text = base64url_encode(b"".join(bytes.fromhex(test[name]) for name in ("iv", "ct", "tag")))
        try:
            opened = _decrypt(bytes.fromhex(test["key"]), text, bytes.fromhex(test["aad"]))
        except SealError:
            opened = None
        assert opened == (bytes.fromhex(test["msg"]) if test["result"] == "valid" else None), test["tcId"]
    assert judged > 30


def test_wycheproof_aes_gcm_sealing() -> None:
    """Sealing gives the ciphertext Wycheproof expects, and no tag is looked over."""
    judged = 0
    for group, test in _tests(published("wycheproof/aes_gcm_test.json")):
        if (group["keySize"], group["ivSize"], test["result"]) != (256, 96, "valid"):
            continue
        judged += 1
        key, nonce, context = (bytes.fromhex(test[name]) for name in ("key", "iv", "aad"))
        sealed = AESGCM(key).encrypt(nonce, bytes.fromhex(test["msg"]), context)
        assert sealed == bytes.fromhex(test["ct"] + test["tag"])
        with pytest.raises(InvalidTag):
            AESGCM(key).decrypt(nonce, sealed[:-1] + bytes([sealed[-1] ^ 1]), context)
    assert judged > 10


def test_wycheproof_hkdf() -> None:
    """HKDF-SHA256 derives what Wycheproof says, and refuses sizes beyond 255 blocks."""
    judged = 0
    for _, test in _tests(published("wycheproof/hkdf_sha256_test.json")):
        judged += 1
        ikm, salt, info = (bytes.fromhex(test[name]) for name in ("ikm", "salt", "info"))
        if test["result"] == "valid":
            derived = HKDF(SHA256(), test["size"], salt or None, info).derive(ikm)
            assert derived == bytes.fromhex(test["okm"]), test["tcId"]
        else:
            with pytest.raises(ValueError, match="larger than 8160"):
                HKDF(SHA256(), test["size"], salt or None, info)
    assert judged > 50


def test_rfc_8037_signature() -> None:
    """The RFC's example is signed byte for byte by our signer, and verified by our key and by PyJWT."""
    example = published("rfc8037/jws.json")
    key = SigningKey(base64url_decode(example["input"]["key"]["d"]))
    signed = example["signing"]["sig-input"].encode()
    assert base64url_encode(key.sign(signed).signature) == example["signing"]["sig"]
    public = load_public_key(VISIT_KID, example["input"]["key"]["x"])
    assert public.verifies(signed, base64url_decode(example["signing"]["sig"]))
    payload = jwt.PyJWS(algorithms=["EdDSA"]).decode(
        example["output"]["compact"], Ed25519PublicKey.from_public_bytes(public.raw), algorithms=["EdDSA"]
    )
    assert payload == example["input"]["payload"].encode()


def test_rfc_8037_thumbprint() -> None:
    """RFC 8037 appendix A.3 gives the thumbprint of its example key."""
    raw = base64url_decode(published("rfc8037/jws.json")["input"]["key"]["x"])
    assert key_thumbprint(raw) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
