"""The log: registered events only, and no field that a token or a name could hide in."""

import io
import logging
from dataclasses import dataclass
from typing import ClassVar

import pytest

from kiosk_app import logs
from kiosk_app.core.staff_codes import StaffCode
from kiosk_app.logs import Decided, LogBridge, LogEvent, Synced, fault_of, listen, write
from kiosk_protocol.identifiers import uuid7


def line_of(event: LogEvent) -> str:
    stream = io.StringIO()
    write(event, stream)
    return stream.getvalue()


def test_an_event_is_one_line_of_fields() -> None:
    check_in = uuid7(1, bytes(10))
    line = line_of(Decided("Admit", "none", check_in, 12))
    assert line.endswith(f" decided verdict=Admit reason=none check_in={check_in} took_ms=12\n")
    assert line.count("\n") == 1


@pytest.mark.parametrize(
    "text",
    ["Ada Lovelace", "eyJhbGciOiJFZERTQSJ9.eyJqdGkiOiJ4In0.c2ln" * 3, "a\nb", "", "a=b", "https://x/p?token=1", "é"],
)
def test_a_text_is_no_field(text: str) -> None:
    with pytest.raises(TypeError):
        line_of(Synced(text, "none", 0, 0))


def test_a_thing_is_no_field() -> None:
    with pytest.raises(TypeError):
        line_of(Synced(b"bytes", "none", 0, 0))  # type: ignore[arg-type]


def test_flags_codes_and_lists_of_words_are_spelled() -> None:
    @dataclass(frozen=True, slots=True)
    class Sample(LogEvent):
        name: ClassVar[str] = "sample"
        yes: bool
        no: bool
        code: StaffCode
        words: tuple[str, ...]
        nothing: tuple[str, ...]

    line = line_of(Sample(True, False, StaffCode.CAMERA_BUSY, ("a", "b"), ()))
    assert line.endswith(" sample yes=yes no=no code=CAM-3 words=a>b nothing=none\n")


def raised(kind: type[Exception]) -> Exception:
    """Return an exception that has been raised, with a person's name in its words."""
    with pytest.raises(kind) as caught:
        _raise_with_a_name_longer_than_any_machine_word_may_be_in_a_line_of_the_log(kind)
    return caught.value


def _raise_with_a_name_longer_than_any_machine_word_may_be_in_a_line_of_the_log(kind: type[Exception]) -> None:
    raise kind("Ada Lovelace")


def test_a_fault_tells_class_and_place_and_not_what_it_said() -> None:
    line = line_of(fault_of(raised(RuntimeError), StaffCode.UNEXPECTED_FAULT))
    assert "kind=RuntimeError" in line
    assert "test_logs." in line
    assert "._raise_with_a_name" in line
    assert "Ada" not in line


def test_a_fault_of_strange_names_is_told_all_the_same() -> None:
    strange = type("Störung!", (Exception,), {})
    with pytest.raises(strange) as caught:
        exec(compile("raise kind", "<é>", "exec"), {"kind": strange})  # noqa: S102 - a frame without a file of ours
    assert "kind=Strung" in line_of(fault_of(caught.value, StaffCode.UNEXPECTED_FAULT))
    nameless = type("é", (Exception,), {})
    assert fault_of(nameless(), StaffCode.UNEXPECTED_FAULT).kind == "unknown"


def test_nobody_listening_is_no_trouble() -> None:
    stream = io.StringIO()
    stream.close()
    write(Decided("Admit", "none", "none", 1), stream)


def test_what_our_modules_say_through_logging_comes_without_its_words(monkeypatch) -> None:
    events: list[LogEvent] = []
    monkeypatch.setattr(logs, "write", events.append)
    logger = logging.getLogger("tests.spoken")
    monkeypatch.setattr(logger, "propagate", False)
    monkeypatch.setattr(logger, "handlers", [LogBridge()])
    logger.warning("Ada %s", "Lovelace")
    logger.error("Ada", exc_info=raised(ValueError))
    assert [type(event).__name__ for event in events] == ["Noted", "Fault"]
    assert "Ada" not in "".join(line_of(event) for event in events)


def test_listening_twice_hears_once() -> None:
    ours = logging.getLogger("kiosk_app")
    before, propagated = list(ours.handlers), ours.propagate
    root = list(logging.getLogger().handlers)
    try:
        listen()
        listen()
        assert sum(isinstance(handler, LogBridge) for handler in ours.handlers) == 1
    finally:
        ours.handlers[:], ours.propagate = before, propagated
        logging.getLogger().handlers[:] = root
