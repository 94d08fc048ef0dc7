"""``atrium-kiosk verify -``: a shown text a line in, one JSON object a line out, whatever the bytes."""

import argparse
import json
import sys
from collections.abc import Iterator
from typing import BinaryIO, Final

from kiosk_app.cli.exits import OK, answer
from kiosk_app.cli.judging import Bench, read_at_s, read_site
from kiosk_app.cli.key_file import read_key_file

MAX_LINE_BYTES: Final = 8192
"""No transport of a code is longer than 2,048 characters; what follows in a longer line cannot make it one."""


def main(options: argparse.Namespace) -> int:
    """Judge every line of standard input."""
    bench = Bench(read_key_file(options.keys, options.root), read_site(options.site), read_at_s(options.at))
    for line in bounded_lines(sys.stdin.buffer):
        text = line.decode("utf-8", "replace")
        answer(json.dumps(bench.judge(text).members()))
    return OK


def bounded_lines(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of ``stream`` without their ends, each cut off at ``MAX_LINE_BYTES``; never holds more of one."""
    while line := stream.readline(MAX_LINE_BYTES):
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = stream.readline(MAX_LINE_BYTES)
        # The end of a line and nothing else: stripping more would turn other texts, cut-off ones too, into a code.
        yield line.removesuffix(b"\n").removesuffix(b"\r")
