"""The camera's process: real ones, really killed. Whatever happens to one, the kiosk goes on and the next one comes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk_app.camera.errors import CameraError
from kiosk_app.camera.lookout import Ended, Lookout
from kiosk_app.camera.lookout_wire import Looked
from kiosk_app.core.staff_codes import StaffCode
from tests.kiosk_app.camera.made import on_canvas, packed, qr_picture

PATIENCE_S = 60.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A camera that shows one code, over and over."""
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "code.png").write_bytes(packed(on_canvas(qr_picture("V1:HELLO")), ".png"))
    return tmp_path / "pictures"


@pytest.fixture
def made() -> Iterator[Callable[..., Lookout]]:
    """Make lookouts that are ended after the test."""
    lookouts: list[Lookout] = []

    def make(camera: str, **options: object) -> Lookout:
        lookouts.append(Lookout(camera, **options))  # type: ignore[arg-type]
        lookouts[-1].open()
        return lookouts[-1]

    yield make
    for lookout in lookouts:
        lookout.close()


def hear(lookout: Lookout, wanted: Callable[[Looked | Ended], bool]) -> Looked | Ended:
    """Read on until something ``wanted`` was said."""
    latest_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < latest_s:
        heard = lookout.read()
        if heard is not None and wanted(heard):
            return heard
    raise AssertionError("never said")


def trouble(lookout: Lookout) -> CameraError:
    """Read on until the camera is in trouble."""
    with pytest.raises(CameraError) as told:
        hear(lookout, lambda _heard: False)
    return told.value


def is_looked(heard: Looked | Ended) -> bool:
    return isinstance(heard, Looked)


def is_ended(heard: Looked | Ended) -> bool:
    return isinstance(heard, Ended)


def speaking(program: str) -> tuple[str, ...]:
    """Return the command of a process of the test's own in place of the real one."""
    return (sys.executable, "-c", program)


def test_a_code_is_seen_with_a_preview_picture(made, folder) -> None:
    """Text, corners in pixels of the preview, the picture itself, and when it was taken by the clock of both."""
    before_ns = time.monotonic_ns()
    lookout = made(f"folder:{folder}")
    looked = hear(lookout, is_looked)
    assert isinstance(looked, Looked)
    (code,) = looked.codes
    assert code.text == "V1:HELLO"
    assert before_ns < looked.taken_at_ns < time.monotonic_ns()
    assert looked.preview is not None
    assert looked.preview.shape == (480, 640, 3)
    assert len(looked.preview.tobytes()) == 480 * 640 * 3
    assert all(0 <= x < 640 and 0 <= y < 480 for x, y in code.corners)


def test_a_preview_comes_only_when_it_is_wished_for(made, folder) -> None:
    """One picture for each wish, and none at all where privacy says so."""
    lookout = made(f"folder:{folder}")
    hear(lookout, lambda heard: isinstance(heard, Looked) and heard.preview is not None)
    for _ in range(5):
        heard = hear(lookout, is_looked)
        assert isinstance(heard, Looked)
        assert heard.preview is None
    lookout.wish_preview()
    hear(lookout, lambda heard: isinstance(heard, Looked) and heard.preview is not None)
    private = made(f"folder:{folder}", preview=False)
    private.wish_preview()
    for _ in range(5):
        heard = hear(private, is_looked)
        assert isinstance(heard, Looked)
        assert heard.preview is None


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_killed_process_is_replaced_at_once(made, folder, number: signal.Signals) -> None:
    """The kiosk hears how it ended, and the next one sees the same code."""
    lookout = made(f"folder:{folder}")
    hear(lookout, is_looked)
    first = lookout.pid
    assert first is not None
    os.kill(first, number)
    assert hear(lookout, is_ended) == Ended(f"signal_{number.value}")
    looked = hear(lookout, is_looked)
    assert isinstance(looked, Looked)
    assert [code.text for code in looked.codes] == ["V1:HELLO"]
    assert lookout.pid != first


def test_a_process_that_hangs_is_killed_and_replaced(made, folder) -> None:
    """One that is stopped in the middle of everything says nothing; that is enough."""
    lookout = made(f"folder:{folder}", silent_for_s=3.0)
    hear(lookout, is_looked)
    first = lookout.pid
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    assert hear(lookout, is_ended) == Ended("silent")
    assert not Path(f"/proc/{first}").exists()
    # The next one may need longer than that to load on a busy machine; it has said nothing yet and is let.
    hear(lookout, is_looked)


def test_a_process_that_ends_again_and_again_is_trouble() -> None:
    """The first end is a blink; the second without a picture in between is told, and tried again after a pause."""
    now_s = [0.0]
    lookout = Lookout("none", command=speaking("raise SystemExit(3)"), now_s=lambda: now_s[0])
    lookout.open()
    try:
        assert hear(lookout, is_ended) == Ended("status_3")
        error = trouble(lookout)
        assert (error.code, error.detail) == (StaffCode.CAMERA_LOST_READER, "status_3")
        assert lookout.read() is None
        assert lookout.pid is None
        now_s[0] += 2.0
        assert lookout.read() is None
        assert lookout.pid is not None
    finally:
        lookout.close()


@pytest.mark.parametrize(
    "said",
    [
        b"\xff\xff\xff\xff",
        b"\x00\x00\x00\x03abc",
        b"\x00\x00\x00\x05hello",
        b"\x00\x00\x00\x04\x93\xa6Looked"[:8],
    ],
)
def test_a_process_that_talks_nonsense_is_ended(made, said: bytes) -> None:
    """Too long, no MessagePack, no message of ours: what says so is not itself any more."""
    program = f"import sys, time; sys.stdout.buffer.write({said!r}); sys.stdout.flush(); time.sleep(600)"
    assert hear(made("none", command=speaking(program)), is_ended) == Ended("unintelligible")


def test_the_cameras_own_trouble_is_told(made, tmp_path: Path) -> None:
    """A folder that is not there, and one that appears after a while."""
    lookout = made(f"folder:{tmp_path / 'none'}")
    assert trouble(lookout).code is StaffCode.CAMERA_NOT_FOUND
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "code.png").write_bytes(packed(on_canvas(qr_picture("V1:LATE")), ".png"))
    latest_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < latest_s:
        try:
            heard = lookout.read()
        except CameraError:
            continue
        if isinstance(heard, Looked):
            return
    raise AssertionError("never back")


def test_a_code_of_trouble_that_nobody_knows_is_the_readers(made) -> None:
    """A process that is not itself cannot make the kiosk say what it likes."""
    program = (
        "import sys, time; from kiosk_app.camera.lookout_wire import *\n"
        "sys.stdout.buffer.write(packed(Trouble('DOOR-1'))); sys.stdout.flush(); time.sleep(600)"
    )
    assert trouble(made("none", command=speaking(program))).code is StaffCode.CAMERA_LOST_READER


def test_what_cannot_be_started_is_trouble(tmp_path: Path) -> None:
    """A machine without memory for a process, or without the program."""
    lookout = Lookout("none", command=(str(tmp_path / "nothing"),))
    with pytest.raises(CameraError) as told:
        lookout.open()
    assert told.value.code is StaffCode.CAMERA_LOST_READER
    lookout.wish_preview()
    lookout.close()


def test_closing_ends_the_process(folder) -> None:
    """Also one that was stopped, and twice."""
    for number in (None, signal.SIGSTOP):
        lookout = Lookout(f"folder:{folder}")
        lookout.open()
        hear(lookout, is_looked)
        pid = lookout.pid
        assert pid is not None
        if number is not None:
            os.kill(pid, number)
        lookout.close()
        assert not Path(f"/proc/{pid}").exists()
        lookout.close()


def test_a_killed_kiosk_leaves_no_process(folder) -> None:
    """The pipe closes and the kernel sees to it; nobody is there to ask."""
    program = f"""
import sys
from kiosk_app.camera.lookout import Lookout
lookout = Lookout("folder:{folder}")
lookout.open()
while lookout.read() is None:
    pass
print(lookout.pid, flush=True)
sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as kiosk:
        assert kiosk.stdout is not None
        pid = int(kiosk.stdout.readline())
        assert Path(f"/proc/{pid}").exists()
        kiosk.kill()
    latest_s = time.monotonic() + PATIENCE_S
    while _is_running(pid):
        assert time.monotonic() < latest_s, "it outlived its kiosk"


def _is_running(pid: int) -> bool:
    """Tell whether a process is there and no zombie, which waits for whoever adopted it."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_it_dumps_no_core_and_has_a_limit_of_memory(made, folder) -> None:
    """A core dump would put a frame on the disk."""
    lookout = made(f"folder:{folder}")
    hear(lookout, is_looked)
    limits = Path(f"/proc/{lookout.pid}/limits").read_text().splitlines()
    found = {line[:26].strip(): line[26:].split()[:2] for line in limits}
    assert found["Max core file size"] == ["0", "0"]
    assert found["Max address space"] == [str(1024**3)] * 2


def test_the_kiosk_itself_loads_no_library_that_reads_pictures() -> None:
    """What faces the public is loaded in the other process only."""
    program = (
        "import sys; from kiosk_app.camera.lookout import Lookout; from kiosk_app.camera.zbar import zbar_reader\n"
        "assert not {'cv2', 'numpy', 'zxingcpp'} & set(sys.modules), sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=PATIENCE_S)
