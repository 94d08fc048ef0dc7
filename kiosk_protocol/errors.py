"""What can go wrong when the other side's bytes are read.

    ProtocolError
    ├── EncodingError          not base64url, base45 or JSON in the one allowed spelling
    ├── DocumentError          a signed document breaks a rule of its own
    ├── EnvelopeError          a DSSE envelope is not signed by who must sign it
    ├── SealError              sealed bytes do not open under the key at hand
    ├── CredentialError        a device token or a proof is refused
    └── PairingError           a pairing message does not fit its run

Refusals of visit tokens are no errors but values, see :mod:`kiosk_protocol.tokens`.
"""


class ProtocolError(Exception):
    """Base of everything this package raises about foreign input.

    Attributes:
        code: Stable machine word, for logs and vectors.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class EncodingError(ProtocolError):
    """Bytes are not in the one spelling that is allowed."""


class DocumentError(ProtocolError):
    """A signed document breaks one of its own rules (type, tenant, version, time, keys)."""


class EnvelopeError(ProtocolError):
    """A DSSE envelope has the wrong form or lacks a signature that counts."""


class SealError(ProtocolError):
    """Sealed bytes do not open: wrong key, wrong context, or damaged."""


class CredentialError(ProtocolError):
    """A device token or DPoP proof is refused."""


class PairingError(ProtocolError):
    """A pairing message does not fit its run."""
