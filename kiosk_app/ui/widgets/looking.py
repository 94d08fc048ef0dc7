"""How a look reaches the widgets: each that cares has ``apply_look``, and the window walks the tree."""

from typing import Protocol, runtime_checkable

from PySide6.QtWidgets import QWidget

from kiosk_app.ui.theme.look import Look


@runtime_checkable
class UsesLook(Protocol):
    """A widget that paints or sizes itself from the look."""

    def apply_look(self, look: Look) -> None:
        """Take over the look; called again whenever it changes."""


def apply_look_to(root: QWidget, look: Look) -> None:
    """Hand ``look`` to every widget below ``root`` that uses one."""
    for child in root.findChildren(QWidget):
        if isinstance(child, UsesLook):
            child.apply_look(look)
