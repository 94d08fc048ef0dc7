"""What verifying a visit token costs beside the signature check it cannot do without.

In turns, in one process: libsodium's bare `crypto_sign_open` over bytes that were taken apart beforehand, and our
verifier over the texts as they are scanned. The goal is for the codes of one key, as a lobby sees them all day; the two
other rows say what a header never seen before costs, and the compact transport.

    python -m benchmarks.verify [ROUNDS]
"""

import gc
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence

from nacl.bindings import crypto_sign_open
from nacl.signing import SigningKey

from kiosk_protocol import tokens
from kiosk_protocol.claims import VisitClaims
from kiosk_protocol.encoding import base64url_decode, base64url_encode
from kiosk_protocol.identifiers import SiteId, VisitId, VisitorId, key_id_of
from kiosk_protocol.keys import PublicKey, key_set
from kiosk_protocol.signing import issue_visit_token
from kiosk_protocol.tokens import VerifiedVisitToken, verify_shown_code
from kiosk_protocol.transport import to_compact

LIMIT = 1.3
CODES = 500
ROUNDS = 41
ARRIVAL = 1_790_000_000
SITE = SiteId(base64url_encode(bytes(8)))

Work = Callable[[], None]


def main() -> int:
    """Measure and print; return 0 if the goal is met."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    seconds = _in_turns(_works(), rounds)
    bare = statistics.median(seconds["libsodium alone"])
    ratios = {name: statistics.median(each) / bare for name, each in seconds.items()}
    for name, ratio in ratios.items():
        print(f"{name:25} {ratio * bare / CODES * 1e6:6.1f} µs a code, {ratio:.2f} times bare")
    ratio = ratios["codes of one key"]
    print(f"verify: {ratio:.2f} times libsodium, medians of {rounds} rounds of {CODES} codes (goal at most {LIMIT})")
    return 0 if ratio <= LIMIT else 1


def _in_turns(works: Mapping[str, Work], rounds: int) -> dict[str, list[float]]:
    """Return the seconds of each round; neighbours in time share whatever else the machine is doing."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        work()
    gc.collect()
    gc.disable()
    for _ in range(rounds):
        for name, work in works.items():
            begin = time.perf_counter()
            work()
            seconds[name].append(time.perf_counter() - begin)
    gc.enable()
    return seconds


def _works() -> dict[str, Work]:
    key = SigningKey(bytes(range(32)))
    raw = bytes(key.verify_key)
    kid = key_id_of(raw)
    keys = key_set([PublicKey(kid, raw)])
    codes = [issue_visit_token(_claims(number), kid, key) for number in range(CODES)]
    apart = [_apart(code) for code in codes]
    compact = [to_compact(code) for code in codes]

    def bare() -> None:
        for signed in apart:
            crypto_sign_open(signed, raw)

    def ours(texts: Sequence[str], *, forget: bool = False) -> Work:
        def verify() -> None:
            for text in texts:
                if forget:
                    tokens._read_key_id.cache_clear()  # noqa: SLF001 - as if each code came with a header of its own
                if not isinstance(verify_shown_code(text, keys, SITE), VerifiedVisitToken):
                    raise SystemExit("a good code was refused")

        return verify

    return {
        "libsodium alone": bare,
        "codes of one key": ours(codes),
        "a header of its own each": ours(codes, forget=True),
        "compact transport": ours(compact),
    }


def _apart(code: str) -> bytes:
    """Return signature and signed text in a row, as libsodium wants them."""
    signed, _, signature = code.rpartition(".")
    return base64url_decode(signature) + signed.encode("ascii")


def _claims(number: int) -> VisitClaims:
    name = base64url_encode(number.to_bytes(16, "big"))
    return VisitClaims(VisitId(name), VisitorId(name), SITE, ARRIVAL, ARRIVAL + 7200 + number)


if __name__ == "__main__":
    sys.exit(main())
