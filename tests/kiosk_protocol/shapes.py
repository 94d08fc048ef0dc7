"""The shapes and limits of the kiosk's messages as they were published; ``python -m tests.kiosk_protocol.shapes``.

Run so, it writes shapes.json anew. A change of that file is a change of the wire format: kiosks in the field read and
write the old one, so it is for whoever reviews the change to see.
"""

import json
from pathlib import Path
from typing import Any

import msgspec

from kiosk_protocol import messages

FILE = Path(__file__).with_name("shapes.json")
KINDS = (
    messages.ErrorBody,
    messages.Envelope,
    messages.SiteConfiguration,
    messages.TimeQuestion,
    messages.FeedPage,
    messages.ClaimQuestion,
    messages.ClaimAnswer,
    messages.Batch,
    messages.BatchAnswer,
    messages.Heartbeat,
    messages.HeartbeatTaken,
    messages.RenewedToken,
    messages.RevokedBody,
)
"""What is final. Pairing and the trust documents are held by vectors of their own."""
LIMITS = (
    "API_ROOT",
    "MAX_BODY_BYTES",
    "MAX_SEALED_BYTES",
    "MAX_BATCH_ENTRIES",
    "MAX_FEED_ENTRIES",
    "CLAIM_DEADLINE_MS",
    "CLAIM_LEASE_S",
)


def current() -> dict[str, Any]:
    """Return the shapes and limits as the code has them now."""
    _, shapes = msgspec.json.schema_components(KINDS)
    for shape in shapes.values():
        shape.pop("description", None)
    return {"limits": {name: getattr(messages, name) for name in LIMITS}, "shapes": shapes}


def main() -> None:
    """Write the file anew."""
    FILE.write_text(json.dumps(current(), indent=1, sort_keys=True, ensure_ascii=True) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
