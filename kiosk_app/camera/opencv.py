"""OpenCV, loaded once and kept small. Every module of this package takes ``cv2`` from here.

Set before the import because OpenCV reads it then: how long a silent V4L2 camera may hold its thread.
"""

import os

_SURROUNDING_LIBRARY_PATH = os.environ.get("LD_LIBRARY_PATH")
# Seconds; OpenCV waits ten for a camera that was unplugged, and a kiosk stops its threads in two.
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "1")
# A missing camera or a damaged file is our sentence and our code, not a line on the standard error stream.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")

import cv2  # noqa: E402 - after the variables above

# The loader of OpenCV leaves a variable that ends in ":", which makes every child process search its working folder for
# libraries. It was never meant for this process, so it is put back as it was.
if _SURROUNDING_LIBRARY_PATH is None:
    os.environ.pop("LD_LIBRARY_PATH", None)
else:
    os.environ["LD_LIBRARY_PATH"] = _SURROUNDING_LIBRARY_PATH

# Frames are small; a pool of threads costs memory and wakes cores for nothing.
cv2.setNumThreads(1)
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

__all__ = ["cv2"]
