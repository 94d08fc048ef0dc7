"""What goes wrong is said by a word for machines."""

from kiosk_protocol.errors import EncodingError, ProtocolError


def test_an_error_is_its_code() -> None:
    """Which a log shows and a program compares."""
    error = EncodingError("json_depth")
    assert isinstance(error, ProtocolError)
    assert (error.code, str(error), error.args) == ("json_depth", "json_depth", ("json_depth",))
