"""What the window is told to show: the journey, its words, and the setting they were put in."""

from dataclasses import dataclass
from datetime import datetime

from kiosk_app.core.journey import Journey
from kiosk_app.core.journey_strip import strip_of
from kiosk_app.ui.texts.languages import CATALOGUES
from kiosk_app.ui.texts.times import clock_time, zone_of
from kiosk_app.ui.texts.words import Setting, Words, strip_words, words_of

PRODUCT_NAME = "Atrium Kiosk"


@dataclass(frozen=True, slots=True)
class View:
    """Everything a page needs, already in words."""

    journey: Journey
    setting: Setting
    words: Words
    site_name: str
    time: str
    strip: str


def make_view(journey: Journey, now: datetime) -> View:
    """Return the view of ``journey`` at ``now`` (aware), in the visitor's language and the site's zone."""
    zone = zone_of("UTC" if journey.site is None else journey.site.time_zone)
    setting = Setting(CATALOGUES[journey.comfort.language], zone, now)
    strip = strip_of(journey)
    return View(
        journey,
        setting,
        words_of(journey, setting),
        PRODUCT_NAME if journey.site is None else journey.site.site_name,
        "" if journey.site is None else clock_time(now, zone),
        "" if strip is None else strip_words(strip, setting),
    )
