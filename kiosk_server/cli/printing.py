"""What commands print: one JSON object for programs, or plain lines for people."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from kiosk_protocol.messages import Message


def as_members(message: Message) -> dict[str, Any]:
    """Return a body as JSON members, camelCase."""
    members = msgspec.to_builtins(message)
    return dict(members)


def show(members: Mapping[str, Any], lines: Sequence[str], *, as_json: bool) -> None:
    """Print ``members`` as JSON, or ``lines``."""
    text = json.dumps(members, ensure_ascii=False) if as_json else "\n".join(lines)
    sys.stdout.write(text + "\n")


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines with aligned columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
