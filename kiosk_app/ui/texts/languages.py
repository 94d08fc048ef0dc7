"""All languages, by their tag."""

from collections.abc import Mapping

from kiosk_app.core.journey import Language
from kiosk_app.ui.texts.arabic import ARABIC
from kiosk_app.ui.texts.catalogue import Catalogue
from kiosk_app.ui.texts.english import ENGLISH
from kiosk_app.ui.texts.german import GERMAN

CATALOGUES: Mapping[Language, Catalogue] = {each.language: each for each in (ENGLISH, GERMAN, ARABIC)}
