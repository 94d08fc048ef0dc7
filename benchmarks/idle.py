"""What an empty lobby costs: processor time of the camera's process before a 720p MJPEG stream.

Processor time, as the kernel counts it, does not depend on what else the machine does. The stream gives twelve pictures
a second; the figure is stated as measured and scaled to fifteen and thirty.

    python -m benchmarks.idle [SECONDS]
"""

import os
import sys
import time
from pathlib import Path

from demo.visitor.stage import VisitorStage
from kiosk_app.camera.lookout import Ended, Lookout

_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
_WARM_UP_S = 8.0


def main() -> int:
    """Measure both and print."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
    with VisitorStage() as stage:
        for preview in (False, True):
            share, pictures = _measure(stage.url, seconds, preview=preview)
            kind = "with preview" if preview else "without preview"
            a_picture_ms = share * 1000 / pictures
            print(
                f"{kind}: {share:.1%} of a core at {pictures:.1f} pictures a second, {a_picture_ms:.2f} ms a picture; "
                f"{a_picture_ms * 1.5:.1f} % at 15, {a_picture_ms * 3:.1f} % at 30"
            )
    return 0


def _measure(url: str, seconds: float, *, preview: bool) -> tuple[float, float]:
    """Return the share of a core and pictures a second, once everything is loaded and the lobby is calm."""
    lookout = Lookout(f"mjpeg:{url}", preview=preview)
    lookout.open()
    try:
        _hear_for(lookout, _WARM_UP_S)
        before_s, began_s = _cpu_s(lookout), time.monotonic()
        pictures = _hear_for(lookout, seconds)
        took_s = time.monotonic() - began_s
        return (_cpu_s(lookout) - before_s) / took_s, pictures / took_s
    finally:
        lookout.close()


def _hear_for(lookout: Lookout, seconds: float) -> int:
    pictures, latest_s = 0, time.monotonic() + seconds
    while time.monotonic() < latest_s:
        heard = lookout.read()
        if isinstance(heard, Ended):
            raise SystemExit(f"the camera's process ended: {heard.how}")
        if heard is not None:
            pictures += 1
            if heard.preview is not None:
                lookout.wish_preview()
    return pictures


def _cpu_s(lookout: Lookout) -> float:
    fields = Path(f"/proc/{lookout.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_A_SECOND


if __name__ == "__main__":
    sys.exit(main())
