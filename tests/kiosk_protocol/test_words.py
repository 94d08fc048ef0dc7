"""The words of the wire, as docs/protocol.md has them: both sides use the same name, so only this sees one change."""

import importlib
from typing import Any

import pytest


def value_of(name: str) -> Any:
    """Return the constant ``module.NAME`` of the protocol."""
    module, _, constant = name.partition(".")
    return getattr(importlib.import_module(f"kiosk_protocol.{module}"), constant)


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("tokens.TYP", "visit+jwt"),
        ("tokens.ALG", "EdDSA"),
        ("jwts.ALG", "EdDSA"),
        ("device_tokens.TYP", "device+jwt"),
        ("proofs.PROOF_TYPE", "dpop+jwt"),
        ("proofs.NONCE_HEADER", "DPoP-Nonce"),
        ("proofs.NONCE_WANTED", "use_dpop_nonce"),
        ("transport.COMPACT_PREFIX", "V1:"),
        ("trust.ROOT_TYPE", "application/vnd.atrium.root+json"),
        ("trust.BUNDLE_TYPE", "application/vnd.atrium.bundle+json"),
        ("trust.TIME_TYPE", "application/vnd.atrium.time+json"),
        ("records.RECORD_TYPE", "application/vnd.atrium.check-in+json"),
        ("revocation.REVOCATION_TYPE", "application/vnd.atrium.revocation+json"),
        ("sealing.WRAP_INFO", b"atrium/wrap/v1"),
    ],
)
def test_a_word_of_the_wire_is_the_published_one(name: str, published: str | bytes) -> None:
    """Types keep one signature from standing in for another; a changed one would shut out every kiosk in the field."""
    assert value_of(name) == published


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("transport.MIN_TOKEN_CHARACTERS", 40),
        ("transport.MAX_TOKEN_CHARACTERS", 1_024),
        ("transport.MAX_COMPACT_CHARACTERS", 1_200),
        ("transport.MAX_LINK_CHARACTERS", 2_048),
        ("signing.MAX_ISSUED_CHARACTERS", 331),
        ("claims.MAX_REVISION", 99),
        ("claims.MAX_VALIDITY_S", 90_000),
        ("claims.MAX_TIME_S", 253_402_300_799),
        ("proofs.MAX_PROOF_CHARACTERS", 2_048),
        ("records.MAX_RECORD_BYTES", 16_384),
        ("sealing.MAX_DETAILS_BYTES", 8_192),
        ("sealing.PADDING_BYTES", 512),
        ("trust.MAX_DOCUMENT_BYTES", 65_536),
        ("trust.DEFAULT_GREATEST_AGE_S", 2_592_000),
    ],
)
def test_a_limit_is_the_published_one(name: str, published: int) -> None:
    """One more or less is another protocol: what one side writes the other would not read."""
    assert value_of(name) == published
