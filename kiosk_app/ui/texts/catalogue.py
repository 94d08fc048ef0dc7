"""The shape of a language, and how a text is taken from it. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kiosk_app.core.journey import Language
from kiosk_app.ui.texts.keys import Count, Say
from kiosk_protocol.reasons import Reason

FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a visitor reads for one reason: a kind sentence, and what to do now."""

    title: str
    do: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One complete language.

    Attributes:
        name: the language's name in itself.
        right_to_left: whether the layout is mirrored.
        plural: the name of a number's plural form (Unicode CLDR), a key of every entry of ``counts``.
        weekdays: Monday first.
        months: January first, as used inside a date.
        date: with ``weekday``, ``day`` and ``month``.
    """

    language: Language
    name: str
    right_to_left: bool
    texts: Mapping[Say, str]
    answers: Mapping[Reason, Answer]
    counts: Mapping[Count, Mapping[str, str]]
    plural: Callable[[int], str]
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    date: str

    def say(self, key: Say, **values: str) -> str:
        """Return the text with its placeholders filled."""
        return self.texts[key].format(**{name: self.isolate(value) for name, value in values.items()})

    def count(self, key: Count, number: int) -> str:
        """Return the text for ``number`` in the right plural form."""
        return self.counts[key][self.plural(number)].format(count=number)

    def isolate(self, value: str) -> str:
        """Return a foreign piece of text so that it does not turn the sentence around it (Unicode TR 9, isolates)."""
        return f"{FIRST_STRONG_ISOLATE}{value}{POP_ISOLATE}" if self.right_to_left else value


def without_isolates(text: str) -> str:
    """Return ``text`` as somebody would type it, without the invisible marks."""
    return text.replace(FIRST_STRONG_ISOLATE, "").replace(POP_ISOLATE, "")


def one_or_other(number: int) -> str:
    """Return the plural form of English and German."""
    return "one" if number == 1 else "other"
