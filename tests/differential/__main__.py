"""Show one token of a run again: ``python -m tests.differential generated|mutated SEED NUMBER``."""

import sys

from kiosk_protocol.tokens import verify_shown_code
from tests.differential.grammar import Signed
from tests.differential.judging import DOOR, KEY_SET, expected, find, ours


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main(kind: str, seed: str, number: str) -> None:
    """Show the token, how it came about, and what is said to it."""
    token = find(kind, int(seed), int(number))
    say(ascii(token.text))
    if isinstance(token, Signed):
        say(f"deviations: {', '.join(token.deviations) or 'none'}")
        say(f"oracle:     {expected(token)}\nverifier:   {ours(token.text)}")
    else:
        say(f"mutations: {', '.join(token.mutations)}")
        say(f"verifier:  {verify_shown_code(token.text, KEY_SET, DOOR)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
