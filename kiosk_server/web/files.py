"""The few files that pages bring along: one style, one script, one picture; named by content, so kept for good."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from starlette.responses import Response

from kiosk_server.web.pages import Ask, Page

FOLDER: Final = Path(__file__).with_name("static")
KINDS: Final[Mapping[str, str]] = {
    "style.css": "text/css; charset=utf-8",
    "live.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
_CONTENT: Final = {name: (FOLDER / name).read_bytes() for name in KINDS}
_MARKS: Final = {name: hashlib.sha256(content).hexdigest()[:12] for name, content in _CONTENT.items()}
_KEPT: Final = {"Cache-Control": "public, max-age=31536000, immutable"}


def address_of(name: str) -> str:
    """Return the address of a file; another content has another one."""
    return f"/web/{name}?{_MARKS[name]}"


def _serves(name: str) -> Callable[[Ask], Response]:
    def serve(_: Ask) -> Response:
        return Response(_CONTENT[name], media_type=KINDS[name], headers=_KEPT)

    return serve


FILES: Final = tuple(Page("GET", f"/web/{name}", "everybody", _serves(name)) for name in KINDS)
