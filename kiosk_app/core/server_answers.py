"""What a request to the server can come to, beside the answer asked for: a closed union of values.

Final and retryable answers are told apart here and nowhere else.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, assert_never

from kiosk_app.core.staff_codes import StaffCode

if TYPE_CHECKING:  # The first window must not wait for messages that only a paired kiosk's network reads.
    from kiosk_protocol.messages import Envelope


class NoReply(StrEnum):
    """Why the server itself did not answer."""

    CONNECT = "connect"
    TIMEOUT = "timeout"
    BROKEN = "broken"
    """The connection ended in the middle."""
    NOT_TRUSTED = "not_trusted"
    """The certificate is not one we trust."""
    ADDRESS = "address"
    """The address cannot be used at all."""


@dataclass(frozen=True, slots=True)
class Unreachable:
    """No answer; whether the request arrived is not known."""

    why: NoReply


@dataclass(frozen=True, slots=True)
class Refused:
    """The server answered, and it was no. ``error`` is its machine code, empty where a stranger answered."""

    status: int
    error: str = ""
    retry_after: timedelta | None = None
    revocation: "Envelope | None" = None
    """What came with a 401 and claims to be a signed revocation; nobody has looked at it yet."""


@dataclass(frozen=True, slots=True)
class BadAnswer:
    """An answer that is not one: too large, not JSON, another shape, a redirect. ``why`` is a short machine word."""

    why: str


Failure = Unreachable | Refused | BadAnswer

_RETRYABLE_STATUS: Final = frozenset({401, 403, 404, 408, 425, 429})
"""Refusals that speak of the moment or of the kiosk, not of the item: a proxy or a restored database answers so too."""


def reached_server(failure: Failure) -> bool:
    """Whether the link is up in spite of ``failure``: somebody with the server's certificate answered sensibly."""
    return isinstance(failure, Refused) and failure.status < 500


def is_final(failure: Failure) -> bool:
    """Whether the same request can never succeed: it is the request's own fault."""
    return isinstance(failure, Refused) and 400 <= failure.status < 500 and failure.status not in _RETRYABLE_STATUS


def staff_code(failure: Failure) -> StaffCode:
    """Return the code staff read for ``failure``."""
    match failure:
        case Unreachable(NoReply.NOT_TRUSTED):
            return StaffCode.SERVER_NOT_TRUSTED
        case Unreachable():
            return StaffCode.SERVER_UNREACHABLE
        case Refused(401 | 403):
            return StaffCode.SERVER_REFUSES_KIOSK
        case Refused() | BadAnswer():
            return StaffCode.SERVER_ANSWER_UNUSABLE
        case _ as unreachable:
            assert_never(unreachable)
