"""Reads whom to believe from a file: a trust bundle in or out of its envelope, or a set of JWKs (RFC 7517)."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from kiosk_app.core.errors import SettingsError
from kiosk_app.core.trust_age import TrustStanding, bundle_standing
from kiosk_protocol.dsse import open_envelope, read_unverified_payload
from kiosk_protocol.errors import ProtocolError
from kiosk_protocol.identifiers import is_key_id
from kiosk_protocol.keys import PublicKey, key_set, load_public_key
from kiosk_protocol.messages import Envelope, decode
from kiosk_protocol.strict_json import read_object
from kiosk_protocol.trust import BUNDLE_TYPE, BundleDocument, load_bundle_keys, read_bundle, read_root

MAX_FILE_BYTES: Final = 1024 * 1024
_ED25519: Final = ("OKP", "Ed25519")
_ALGORITHMS: Final = ("EdDSA", "Ed25519")
"""RFC 8037 §3.1, and the name that RFC 9864 §2.2 gives it."""


@dataclass(frozen=True, slots=True)
class Believed:
    """Visit keys, and the bundle they came from, if from one."""

    visit_keys: tuple[PublicKey, ...]
    bundle: BundleDocument | None = None

    def keys(self, now_s: int) -> Mapping[str, PublicKey]:
        """Return the visit keys that count at ``now_s``."""
        return key_set(key for key in self.visit_keys if key.is_valid_at(now_s))

    def standing(self, now_s: int) -> TrustStanding:
        """Return how much they say at ``now_s``; a bare set of keys has no age."""
        return TrustStanding.FRESH if self.bundle is None else bundle_standing(self.bundle, now_s)


def read_key_file(path: str, root_path: str | None = None) -> Believed:
    """Return what the file says.

    Args:
        path: Of a bundle's envelope, a bundle, or a JWK set.
        root_path: Of a root's envelope. Without one nothing tells whether an envelope is signed by who may sign it:
            whoever names the file vouches for it.

    Raises:
        SettingsError: with a sentence that says what is wrong with the file.
    """
    try:
        return _read(_content(path), None if root_path is None else _content(root_path))
    except (ProtocolError, msgspec.ValidationError) as error:
        code = error.code if isinstance(error, ProtocolError) else "shape"
        raise SettingsError(f"The key file {path} cannot be used: {code}.") from None


def _read(content: bytes, root: bytes | None) -> Believed:
    members = read_object(content, max_bytes=MAX_FILE_BYTES, max_depth=8)
    if "payloadType" in members:
        return _from_bundle(_open(decode(content, Envelope), root))
    if root is not None:
        raise SettingsError("--root goes with a bundle in its envelope.")
    if members.get("type") == "bundle":
        return _from_bundle(content)
    if isinstance(members.get("keys"), list):
        return Believed(tuple(key_set(_jwks(members["keys"])).values()))
    raise SettingsError("The key file is neither a trust bundle nor a JWK set.")


def _open(envelope: Envelope, root: bytes | None) -> bytes:
    if root is None:
        return read_unverified_payload(envelope, BUNDLE_TYPE)
    document = read_root(decode(root, Envelope))
    signers = key_set(load_public_key(key.kid, key.public_key) for key in document.bundle_keys)
    return open_envelope(envelope, BUNDLE_TYPE, signers)


def _from_bundle(payload: bytes) -> Believed:
    document = read_bundle(payload)
    return Believed(load_bundle_keys(document).get("visit", ()), document)


def _jwks(entries: list[Any]) -> list[PublicKey]:
    # RFC 7517 §5: keys of a kind that one does not understand are passed over.
    ed25519 = [
        entry for entry in entries if isinstance(entry, dict) and (entry.get("kty"), entry.get("crv")) == _ED25519
    ]
    usable = [entry for entry in ed25519 if _may_be_a_visit_key(entry)]
    if ed25519 and not usable:
        raise SettingsError("No key of the JWK set can be a visit key: a kid of 8 characters, made to verify.")
    if not all(isinstance(entry.get("x"), str) for entry in usable):
        raise SettingsError("An Ed25519 key of the JWK set has no x.")
    return [load_public_key(entry["kid"], entry["x"]) for entry in usable]


def _may_be_a_visit_key(entry: dict[str, Any]) -> bool:
    """Whether a token could name this key, and whoever made it meant it to verify such signatures."""
    kid, operations = entry.get("kid"), entry.get("key_ops", ["verify"])
    # RFC 7517 §4.2 to §4.4. A key for another use or algorithm must not open a door, see RFC 8725 §3.1 and §3.2.
    return (
        isinstance(kid, str)
        and is_key_id(kid)
        and entry.get("use", "sig") == "sig"
        and entry.get("alg", "EdDSA") in _ALGORITHMS
        and isinstance(operations, list)
        and "verify" in operations
    )


def _content(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "no file name"
        raise SettingsError(f"The file {path} cannot be read ({why}).") from None
    if len(content) > MAX_FILE_BYTES:
        raise SettingsError(f"The file {path} is larger than a key file can be.")
    return content
