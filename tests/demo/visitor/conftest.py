"""Codes for the simulated visitor to hold up, and what every test here is held to."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import segno

TEXT = "V1:" + "TE57 /$%+." * 33
"""As long as a visit code in its compact form: version 11-M."""


@pytest.fixture(scope="session")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture of a code as the server writes it: PNG, eight pixels a module, with its quiet zone."""
    path = tmp_path_factory.mktemp("codes") / "visit.png"
    made = segno.make(TEXT, error="m", micro=False)
    assert made.designator == "11-M"
    made.save(str(path), scale=8, border=4)
    return path


@pytest.fixture(scope="session")
def other_code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another visitor's code."""
    path = tmp_path_factory.mktemp("codes") / "other.png"
    segno.make(TEXT.replace("E", "O"), error="m", micro=False).save(str(path), scale=8, border=4)
    return path


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """A test that leaves a thread behind fails."""
    before = set(threading.enumerate())
    yield
    assert not set(threading.enumerate()) - before
