"""The words of the wire, as docs/protocol.md has them: both sides use the same name, so only this sees one change."""

import pytest

from kiosk_protocol import device_tokens, jwts, proofs, records, revocation, sealing, tokens, transport, trust


@pytest.mark.parametrize(
    ("ours", "published"),
    [
        (tokens.TYP, "visit+jwt"),
        (tokens.ALG, "EdDSA"),
        (jwts.ALG, "EdDSA"),
        (device_tokens.TYP, "device+jwt"),
        (proofs.PROOF_TYPE, "dpop+jwt"),
        (proofs.NONCE_HEADER, "DPoP-Nonce"),
        (proofs.NONCE_WANTED, "use_dpop_nonce"),
        (transport.COMPACT_PREFIX, "V1:"),
        (trust.ROOT_TYPE, "application/vnd.atrium.root+json"),
        (trust.BUNDLE_TYPE, "application/vnd.atrium.bundle+json"),
        (trust.TIME_TYPE, "application/vnd.atrium.time+json"),
        (records.RECORD_TYPE, "application/vnd.atrium.check-in+json"),
        (revocation.REVOCATION_TYPE, "application/vnd.atrium.revocation+json"),
        (sealing.WRAP_INFO, b"atrium/wrap/v1"),
    ],
)
def test_a_word_of_the_wire_is_the_published_one(ours: str | bytes, published: str | bytes) -> None:
    """Types keep one signature from standing in for another; a changed one would shut out every kiosk in the field."""
    assert ours == published
