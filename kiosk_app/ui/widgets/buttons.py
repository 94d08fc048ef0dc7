"""The one kind of button, at least 48 dp each way, coloured by the style sheet."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton, QSizePolicy

from kiosk_app.ui.theme.colour import mix
from kiosk_app.ui.theme.fonts import text_font
from kiosk_app.ui.theme.look import Look, TypeSize
from kiosk_app.ui.widgets.glyphs import Glyph, glyph_icon


class Button(QPushButton):
    """A button with a text, a glyph or both. ``name`` is its stable object name (kebab-case)."""

    def __init__(
        self,
        name: str,
        kind: str = "",
        *,
        glyph: Glyph | None = None,
        size: TypeSize = TypeSize.BODY,
        bold: bool = True,
        cap: float = 2.0,
    ) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("kind", kind)
        self._glyph, self._size, self._bold, self._cap = glyph, size, bold, cap
        # A finger's press leaves no focus frame behind; the tab key still reaches every control.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def apply_look(self, look: Look) -> None:
        """Take font and icon from the look."""
        size_px = look.type_px(self._size, cap=self._cap)
        self.setFont(text_font(size_px, bold=self._bold))
        if self._glyph is not None:
            palette = look.palette
            ink = palette.on_brand if self.property("kind") == "primary" else palette.text
            icon_px = round(size_px * 1.35)
            dim = mix(palette.text, palette.surface, 0.5)
            self.setIcon(glyph_icon(self._glyph, icon_px, ink, self.devicePixelRatioF(), dim))
            self.setIconSize(QSize(icon_px, icon_px))

    def put(self, text: str, accessible_name: str = "") -> None:
        """Show ``text``; assistive technology reads ``accessible_name`` where it differs."""
        # A style sheet has no gap between icon and text, so the text brings one.
        self.setText(("\u2002" if self._glyph is not None else "") + text.replace("&", "&&"))
        self.setAccessibleName(accessible_name or text)
