"""What a request can be refused for: a closed family, each with a machine code and a sentence.

    Problem
    ├── BadRequestError       the request itself is wrong
    ├── UnauthenticatedError  we do not know who asks
    │   ├── RevokedError      a kiosk that is one no more
    │   └── NonceWantedError  a proof that was not made for a nonce of ours
    ├── ForbiddenError        we know, and the answer is no
    ├── NotFoundError         there is no such thing for whoever asks
    ├── WrongStateError       the thing is not in a state that allows this
    └── TooManyError          asked too often

What status a problem has over HTTP is :mod:`kiosk_server.http.errors`' matter.
"""

from kiosk_protocol.proofs import NONCE_WANTED


class Problem(Exception):  # noqa: N818 - the base of a family whose members end in Error
    """Base of every refusal.

    Attributes:
        code: Stable machine word, snake_case.
        message: One sentence for the person behind the request; never a name, a token or a code.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class BadRequestError(Problem):
    """The request itself is wrong; sending it again changes nothing."""


class UnauthenticatedError(Problem):
    """No credential, or none that counts."""


class RevokedError(UnauthenticatedError):
    """A kiosk that was revoked. It is told so by the signed revocation, the only word on which it erases anything.

    Attributes:
        revocation: Exact bytes of the revocation's envelope.
    """

    def __init__(self, revocation: bytes) -> None:
        super().__init__("device_revoked", "This kiosk was revoked.")
        self.revocation = revocation


class NonceWantedError(UnauthenticatedError):
    """The proof is right but made for no nonce of ours, or for one that is too old (RFC 9449 §8).

    Attributes:
        nonce: The one to make it for.
    """

    def __init__(self, nonce: str) -> None:
        super().__init__(NONCE_WANTED, "Make the proof for the nonce that comes with this answer.")
        self.nonce = nonce


class ForbiddenError(Problem):
    """The credential counts, but not for this."""


class NotFoundError(Problem):
    """There is no such thing, or not for whoever asks: the two look alike."""


class WrongStateError(Problem):
    """The thing exists but is not in a state that allows this."""


class TooManyError(Problem):
    """Asked too often; later the same request may succeed."""
