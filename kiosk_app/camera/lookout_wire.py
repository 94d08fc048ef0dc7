"""What the camera's process says to the kiosk: short messages, each checked against its limits before anybody uses it.

Native code of that process reads what strangers hold up, so the kiosk trusts it with nothing: no pickles, lengths
capped first, texts and numbers in bounds. Form: four bytes of length, big endian, then MessagePack.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

import msgspec

from kiosk_app.camera.symbols import MAX_PAYLOAD_BYTES

MAX_MESSAGE_BYTES: Final = 4 * 1024 * 1024
"""A preview picture has at most 800 x 800 pixels in colour: 1.9 MB."""
MAX_SYMBOLS: Final = 16
WISH_PREVIEW: Final = b"p"
"""The only thing the kiosk says after its first line: one more preview picture, please."""
_LENGTH_BYTES: Final = 4

_Side = Annotated[int, msgspec.Meta(ge=1, le=8192)]
_Ordinate = Annotated[float, msgspec.Meta(ge=-100_000, le=100_000)]


class Order(msgspec.Struct, frozen=True, tag=True, forbid_unknown_fields=True):
    """The kiosk's first line, JSON."""

    camera: str
    preview: bool
    parent: int


class SeenCode(msgspec.Struct, frozen=True, array_like=True):
    """One code, its corners in pixels of the preview picture that comes with it, or of the camera's picture."""

    text: Annotated[str, msgspec.Meta(max_length=MAX_PAYLOAD_BYTES)]
    corners: Annotated[tuple[tuple[_Ordinate, _Ordinate], ...], msgspec.Meta(max_length=64)]


class Preview(msgspec.Struct, frozen=True, array_like=True):
    """A picture for the screen, row by row."""

    width: _Side
    height: _Side
    channels: Literal[1, 3]
    content: bytes

    @property
    def shape(self) -> tuple[int, ...]:
        """Height, width, and 3 for colour."""
        return (self.height, self.width) if self.channels == 1 else (self.height, self.width, 3)

    def tobytes(self) -> bytes:
        """Return the bytes row by row."""
        return self.content


class Looked(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """A picture came and was dealt with. ``taken_at_ns`` is of the monotonic clock, which all processes share."""

    taken_at_ns: Annotated[int, msgspec.Meta(ge=0)]
    codes: Annotated[tuple[SeenCode, ...], msgspec.Meta(max_length=MAX_SYMBOLS)] = ()
    preview: Preview | None = None


class Waiting(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """No picture came, and the process lives."""


class Trouble(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """The camera gives none; ``code`` is a staff code."""

    code: Annotated[str, msgspec.Meta(max_length=16)]


Message: TypeAlias = Looked | Waiting | Trouble

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Looked | Waiting | Trouble)


class WireError(Exception):
    """The other process said what it never says: its native code is not itself any more."""


def packed(message: Message) -> bytes:
    """Return the bytes of one message."""
    body = _encoder.encode(message)
    return len(body).to_bytes(_LENGTH_BYTES) + body


class Unpacker:
    """Puts messages together from whatever pieces the pipe gives."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, piece: bytes) -> list[Message]:
        """Take a piece and return the messages that are complete now, oldest first. Raises WireError."""
        self._held += piece
        messages = []
        while len(self._held) >= _LENGTH_BYTES:
            length = int.from_bytes(self._held[:_LENGTH_BYTES])
            if length > MAX_MESSAGE_BYTES:
                raise WireError("a message is too long")
            end = _LENGTH_BYTES + length
            if len(self._held) < end:
                break
            messages.append(_checked(bytes(self._held[_LENGTH_BYTES:end])))
            del self._held[:end]
        return messages


def _checked(body: bytes) -> Message:
    try:
        message = _decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise WireError(type(error).__name__) from None
    if isinstance(message, Looked):
        preview = message.preview
        if preview is not None and len(preview.content) != preview.width * preview.height * preview.channels:
            raise WireError("a picture has another size than it says")
        if any(len(code.text.encode("utf-8", "replace")) > MAX_PAYLOAD_BYTES for code in message.codes):
            raise WireError("a text is too long")
    return message
