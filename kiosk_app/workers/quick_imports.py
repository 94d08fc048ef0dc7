"""Keeps PySide from reading the source of every module that is imported after it."""

import sys
from importlib import import_module


def keep_imports_quick() -> None:
    """Answer for every module at once what PySide would look up in its source. Harmless when called again.

    WORKAROUND for PySide 6 (seen in 6.11): after ``import PySide6`` each further import runs ``inspect.getsource`` on
    the new module, to see whether it might switch on snake_case names. Before the first window that costs about 20 ms,
    and with OpenCV, NumPy and the network loaded ``linecache`` holds 480 files, about 19 MiB, for good. Nobody here
    uses those features, so the answer is the same for all. Where PySide has changed, nothing is done and nothing but
    time and memory lost. To be removed when ``linecache.cache`` stays small without it (a test looks).
    """
    import_module("PySide6.QtCore")
    feature = sys.modules.get("shibokensupport.feature")
    if feature is not None and hasattr(feature, "_mod_uses_pyside"):
        vars(feature)["_mod_uses_pyside"] = _may_use_pyside


def _may_use_pyside(_module: object) -> bool:
    return True
