"""Which proofs are fresh: made for a nonce of the last five minutes, and never seen before (RFC 9449 §8, §11.1).

The nonce is stateless: the second it was issued at and a MAC over it. The MAC's key is random, kept in memory only and
new with each start. So a memory of proofs that ends with the process is enough: what it forgets was made for a nonce
that no longer counts. Several processes would each ask for a nonce of their own, which costs a retry and opens nothing.
"""

import hashlib
import hmac
import os
import threading
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from kiosk_protocol.encoding import base64url_decode, base64url_encode
from kiosk_protocol.errors import EncodingError
from kiosk_server.domain.times import to_seconds

NONCE_LIFE: Final = timedelta(minutes=5)
MOST_REMEMBERED: Final = 100_000
"""Proofs remembered at a time, some 20 MB: 300 requests a second for five minutes."""
_SECONDS_BYTES: Final = 8
_MAC_BYTES: Final = 16
_KEY_BYTES: Final = 32


class Freshness:
    """Issues nonces and remembers proofs. Safe to use from several threads.

    Args:
        most: Proofs remembered at a time. Beyond it every nonce is made stale and everybody asks for a new one: the
            memory is bounded, and a proof is never forgotten while it could count again.
    """

    def __init__(self, most: int = MOST_REMEMBERED) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._begin()

    def nonce(self, now: datetime) -> str:
        """Return a nonce that counts for the next five minutes."""
        return self._nonce_of(to_seconds(now))

    def is_current(self, nonce: str | None, now: datetime) -> bool:
        """Say whether ``nonce`` is ours and no older than five minutes."""
        if nonce is None:
            return False
        try:
            issued_at = int.from_bytes(base64url_decode(nonce)[:_SECONDS_BYTES], "big")
        except EncodingError:
            return False
        if not hmac.compare_digest(nonce.encode("ascii"), self._nonce_of(issued_at).encode("ascii")):
            return False
        # One from ahead is ours too: our own clock was set back since.
        return abs(to_seconds(now) - issued_at) <= NONCE_LIFE.total_seconds()

    def is_first(self, thumbprint: str, proof_id: str, now: datetime) -> bool:
        """Say whether this proof was never shown before, and remember it.

        Args:
            thumbprint: Of the key that made it; identifiers of different keys have nothing to do with each other.
            proof_id: Its ``jti``.
            now: When it was shown.
        """
        proof, latest = (thumbprint, proof_id), to_seconds(now)
        # A nonce counts as long before its second as after it, so a proof may come back for twice its life.
        forgotten_before = latest - 2 * NONCE_LIFE.total_seconds()
        with self._lock:
            while self._seen and next(iter(self._seen.values())) < forgotten_before:
                self._seen.popitem(last=False)
            if proof in self._seen:
                return False
            if len(self._seen) >= self._most:
                # This one is stale from now on as well, so it needs no remembering.
                self._begin()
                return True
            self._seen[proof] = latest
            return True

    def _begin(self) -> None:
        self._key = os.urandom(_KEY_BYTES)
        self._seen: OrderedDict[tuple[str, str], int] = OrderedDict()

    def _nonce_of(self, issued_at: int) -> str:
        seconds = (issued_at % 2 ** (8 * _SECONDS_BYTES)).to_bytes(_SECONDS_BYTES, "big")
        mac = hmac.new(self._key, seconds, hashlib.sha256).digest()[:_MAC_BYTES]
        return base64url_encode(seconds + mac)
