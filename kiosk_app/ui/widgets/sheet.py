"""Panels that stand above the footer: language, and how the screen looks. What lies behind is dimmed meanwhile."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QWidget

from kiosk_app.core.journey import Appearance, Comfort, Language, TextSize, Theme
from kiosk_app.ui.texts.catalogue import Catalogue
from kiosk_app.ui.texts.keys import Say
from kiosk_app.ui.texts.languages import CATALOGUES
from kiosk_app.ui.theme.look import TypeSize
from kiosk_app.ui.widgets.boxes import Box, row
from kiosk_app.ui.widgets.buttons import Button
from kiosk_app.ui.widgets.labels import TextLabel

_CAP = 1.2
"""Panels grow less than the page, so that the choice that makes text smaller again always fits."""


class Choice(Box):
    """A caption and one button per option, exactly one of them pressed."""

    chosen = Signal(str)

    def __init__(self, name: str, options: Iterable[str]) -> None:
        super().__init__(QBoxLayout.Direction.TopToBottom, gap_dp=6)
        self._caption = TextLabel(TypeSize.CAPTION, tone="muted", centred=False, cap=_CAP)
        self._buttons = {option: Button(f"{name}-{option.replace('_', '-')}", "option", cap=_CAP) for option in options}
        line = row(8)
        for option, button in self._buttons.items():
            button.setCheckable(True)
            button.clicked.connect(partial(self._press, option))
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            line.add(button)
        self.add(self._caption, line)

    def put(self, caption: str, texts: Mapping[str, str]) -> None:
        """Show caption and option texts."""
        self._caption.setText(caption)
        for option, text in texts.items():
            self._buttons[option].put(text, f"{caption}: {text}")

    def mark(self, chosen: str) -> None:
        """Show which option is in force."""
        for option, button in self._buttons.items():
            button.setChecked(option == chosen)

    def _press(self, option: str, _checked: bool = False) -> None:
        self.mark(option)
        self.chosen.emit(option)


class Scrim(QWidget):
    """Dims what lies behind an open panel; a touch on it closes the panel."""

    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("scrim")

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the dimming."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(0, 0, 0, 90))
        painter.end()

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        """Close."""
        self.closed.emit()


class Sheet(Box):
    """The raised panel itself. ``closed`` when somebody is done with it."""

    closed = Signal()

    def __init__(self, name: str) -> None:
        super().__init__(QBoxLayout.Direction.TopToBottom, gap_dp=14, margins_dp=(20, 18, 20, 18))
        self.setObjectName("sheet")
        self._done = Button(f"{name}-done", cap=_CAP)
        self._done.clicked.connect(self.closed)
        self.hide()

    def finish(self) -> None:
        """Put the Done button last."""
        self.add(self._done)

    def speak(self, catalogue: Catalogue) -> None:
        """Put the panel's words in a language."""
        self._done.put(catalogue.say(Say.DONE))


class LanguageSheet(Sheet):
    """Every language by its own name."""

    language_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__("language")
        self._languages = Choice("language", [language.value for language in Language])
        self._languages.chosen.connect(self._choose)
        self.add(self._languages)
        self.finish()

    def show_comfort(self, catalogue: Catalogue, comfort: Comfort) -> None:
        """Show the language in force."""
        self.speak(catalogue)
        names = {language.value: CATALOGUES[language].name for language in Language}
        self._languages.put(catalogue.say(Say.LANGUAGE), names)
        self._languages.mark(comfort.language.value)

    def _choose(self, option: str) -> None:
        self.language_chosen.emit(Language(option))


class DisplaySheet(Sheet):
    """Colours, text size and motion."""

    appearance_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__("display")
        self._appearance = Appearance()
        self._theme = Choice("theme", [theme.value for theme in Theme])
        self._text = Choice("text", [size.value for size in TextSize])
        self._motion = Choice("motion", ["full", "reduced"])
        self._theme.chosen.connect(self._choose_theme)
        self._text.chosen.connect(self._choose_text)
        self._motion.chosen.connect(self._choose_motion)
        self.add(self._theme, self._text, self._motion)
        self.finish()

    def show_comfort(self, catalogue: Catalogue, comfort: Comfort) -> None:
        """Show the appearance in force."""
        self.speak(catalogue)
        say, self._appearance = catalogue.say, comfort.appearance
        self._theme.put(
            say(Say.THEME),
            {
                Theme.LIGHT: say(Say.THEME_LIGHT),
                Theme.DARK: say(Say.THEME_DARK),
                Theme.HIGH_CONTRAST: say(Say.THEME_HIGH_CONTRAST),
            },
        )
        self._text.put(
            say(Say.TEXT_SIZE),
            {
                TextSize.NORMAL: say(Say.TEXT_NORMAL),
                TextSize.LARGE: say(Say.TEXT_LARGE),
                TextSize.LARGEST: say(Say.TEXT_LARGEST),
            },
        )
        self._motion.put(say(Say.MOTION), {"full": say(Say.MOTION_FULL), "reduced": say(Say.MOTION_CALM)})
        self._theme.mark(self._appearance.theme)
        self._text.mark(self._appearance.text_size)
        self._motion.mark("reduced" if self._appearance.reduced_motion else "full")

    def _choose_theme(self, option: str) -> None:
        self.appearance_chosen.emit(replace(self._appearance, theme=Theme(option)))

    def _choose_text(self, option: str) -> None:
        self.appearance_chosen.emit(replace(self._appearance, text_size=TextSize(option)))

    def _choose_motion(self, option: str) -> None:
        self.appearance_chosen.emit(replace(self._appearance, reduced_motion=option == "reduced"))
