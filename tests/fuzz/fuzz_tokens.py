"""A target for atheris: bytes that a fuzzer thinks up, as a shown code, and as header and payload validly signed.

atheris is no dependency of the project. In a virtual environment of its own, from the project's folder:

    python3.11 -m venv /tmp/fuzz && /tmp/fuzz/bin/pip install atheris PyNaCl PyJWT cryptography msgspec
    PYTHONPATH=. /tmp/fuzz/bin/python -m tests.fuzz.fuzz_tokens -max_total_time=300 -max_len=900 /tmp/fuzz/corpus

Nothing may be raised, no shown bytes be accepted but a token the grammar signed, and a signed token must get the
oracle's verdict. A finding is written to a file; give the file instead of the folder to see it again.
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["kiosk_protocol", "json"]):
    from kiosk_protocol import encoding, errors, tokens, transport
    from tests.differential import drafts, grammar, judging, oracle

GRAMMAR = tuple(token.text for token in grammar.tokens(seed=1, count=400))
VALID = frozenset(text for text in GRAMMAR if judging.ours(text).reason is None)
SIGNER = drafts.SIGNERS[0]


def one_input(data: bytes) -> None:
    """Judge one input in the way its first byte says."""
    kind, rest = data[:1], data[1:]
    if kind < b"\x40":
        # Whatever is no UTF-8 becomes lone surrogates: a decoder of symbols may hand out anything.
        _shown(rest.decode("utf-8", "surrogateescape"))
    else:
        cut = kind[0] - 0x40
        _signed(rest[:cut], rest[cut:])


def _shown(text: str) -> None:
    result = tokens.verify_shown_code(text, judging.KEY_SET, judging.DOOR)
    if isinstance(result, tokens.VerifiedVisitToken) and result.text not in VALID:
        raise AssertionError("a token nobody signed was accepted")


def _signed(header: bytes, payload: bytes) -> None:
    text = drafts.sign_bytes(header, payload, SIGNER)
    said = judging.ours(text)
    wanted = oracle.verdict(text, drafts.KEYS, drafts.SITE, lambda key, _, __: key == SIGNER.public)
    if said != wanted:
        raise AssertionError(f"{said}, not {wanted}: {text}")


def _write_seeds(folder: Path) -> None:
    """Begin with what the grammar makes, in both ways, unless the folder holds something already."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        return
    for number, text in enumerate(GRAMMAR):
        (folder / f"shown-{number}").write_bytes(b"\x00" + text.encode("utf-8", "surrogatepass"))
        parts = text.split(".")
        try:
            header, payload = encoding.base64url_decode(parts[0]), encoding.base64url_decode(parts[1])
        except errors.EncodingError:
            continue
        if len(header) < 0x100 - 0x40:
            (folder / f"signed-{number}").write_bytes(bytes((0x40 + len(header),)) + header + payload)
    for number, text in enumerate(sorted(VALID)):
        (folder / f"compact-{number}").write_bytes(b"\x00" + transport.to_compact(text).encode())


def main() -> None:
    """Run until the fuzzer is told to stop or finds something."""
    places = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    if places and not Path(places[0]).is_file():
        _write_seeds(Path(places[0]))
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
