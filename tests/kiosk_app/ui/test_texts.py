"""What the kiosk says: complete in every language, kind, and right about times."""

import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kiosk_app.core.journey import (
    Admitted,
    AskReception,
    Checking,
    Declined,
    Dwell,
    HelpCause,
    Hint,
    Journey,
    Language,
    OutOfService,
    Pairing,
    PairingTrouble,
    PairingTroubleKind,
    Ready,
    Screen,
    Starting,
    Unpaired,
)
from kiosk_app.core.journey_strip import Strip
from kiosk_app.core.staff_codes import StaffCode, code_for_reason
from kiosk_app.core.verdict import Greeting
from kiosk_app.ui.texts.arabic import arabic_plural
from kiosk_app.ui.texts.catalogue import Catalogue, without_isolates
from kiosk_app.ui.texts.english import ENGLISH
from kiosk_app.ui.texts.keys import Count, Say
from kiosk_app.ui.texts.languages import CATALOGUES
from kiosk_app.ui.texts.times import clock_time, come_back, since_when, zone_of
from kiosk_app.ui.texts.words import Mark, Setting, Words, strip_words, words_of
from kiosk_app.ui.theme.palettes import Mood
from kiosk_protocol.reasons import CANNOT_DECIDE, Reason

NOW = datetime(2030, 3, 4, 10, 24, tzinfo=UTC)
BERLIN = zone_of("Europe/Berlin")
DWELL = Dwell(1, timedelta(seconds=8))
HERE = Setting(ENGLISH, BERLIN, NOW)

every_language = pytest.mark.parametrize("catalogue", CATALOGUES.values(), ids=lambda each: each.language)


def placeholders(text: str) -> set[str]:
    """Return the names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def said(screen: Screen, setting: Setting = HERE) -> Words:
    """Return what a screen says."""
    return words_of(Journey(screen=screen), setting)


def all_texts(catalogue: Catalogue) -> list[str]:
    """Return every text of a language."""
    counts = [text for forms in catalogue.counts.values() for text in forms.values()]
    answers = [text for answer in catalogue.answers.values() for text in (answer.title, answer.do)]
    return [*catalogue.texts.values(), *counts, *answers]


def test_every_language_there_is_has_a_catalogue() -> None:
    """No language can be chosen that cannot be spoken."""
    assert set(CATALOGUES) == set(Language)


@every_language
def test_language_is_complete(catalogue: Catalogue) -> None:
    """Every text, every reason, every count, with the same placeholders as in English."""
    assert set(catalogue.texts) == set(Say)
    assert set(catalogue.answers) == set(Reason)
    assert set(catalogue.counts) == set(Count)
    assert (len(catalogue.weekdays), len(catalogue.months)) == (7, 12)
    for key, text in catalogue.texts.items():
        assert placeholders(text) == placeholders(ENGLISH.texts[key]), key
    assert all(text.strip() for text in all_texts(catalogue))


@every_language
def test_every_number_has_a_plural_form(catalogue: Catalogue) -> None:
    """No count up to a thousand is without words."""
    for key in Count:
        assert all(catalogue.count(key, number) for number in range(1_001))


def test_arabic_numbers_take_their_forms() -> None:
    """One, two, three to ten, eleven and more, hundreds: each its own form."""
    numbers = (0, 1, 2, 3, 10, 11, 99, 100, 102, 103, 111)
    forms = ["zero", "one", "two", "few", "few", "many", "many", "other", "other", "few", "many"]
    assert [arabic_plural(number) for number in numbers] == forms


@every_language
def test_tone(catalogue: Catalogue) -> None:
    """No exclamation marks, and nobody and nothing is ever called invalid."""
    for text in all_texts(catalogue):
        assert "!" not in text
        for word in ("invalid", "ungültig", "غير صالح", "error", "fehler"):
            assert word not in text.lower()


@every_language
@pytest.mark.parametrize("reason", sorted(CANNOT_DECIDE | {Reason.UNKNOWN_KEY}))
def test_our_trouble_is_never_the_visitors(catalogue: Catalogue, reason: Reason) -> None:
    """What the kiosk cannot decide sends to reception in amber with a code, and never shows a cross."""
    words = said(AskReception(reason, code_for_reason(reason), DWELL, None), Setting(catalogue, BERLIN, NOW))
    assert words.title == catalogue.say(Say.SEE_RECEPTION)
    assert words.body
    assert words.body != catalogue.answers[Reason.UNKNOWN_KEY].do
    assert (words.mood, words.mark) == (Mood.LOOK, Mark.PERSON)
    assert code_for_reason(reason) in without_isolates(words.staff_code)


@pytest.mark.parametrize("reason", Reason)
def test_each_refusal_has_its_own_sentence_and_what_to_do(reason: Reason) -> None:
    """A sentence why, and what to do now, for every reason in every language."""
    for catalogue in CATALOGUES.values():
        words = said(Declined(reason, None, code_for_reason(reason), DWELL, None), Setting(catalogue, BERLIN, NOW))
        assert words.title == catalogue.answers[reason].title
        assert words.body == catalogue.answers[reason].do
        assert words.way_out


def test_early_visitor_reads_the_sites_time() -> None:
    """Opens at 12:00 UTC: in Berlin that is 13:00; on another day the day is named."""
    noon = datetime(2030, 3, 4, 12, 0, tzinfo=UTC)
    words = said(Declined(Reason.TOO_EARLY, noon, StaffCode.DOOR_TOO_EARLY, DWELL, None))
    assert words.body == "Please come back at 13:00. Your code will work then."
    assert (words.mood, words.mark) == (Mood.LOOK, Mark.CLOCK)
    tomorrow = come_back(noon + timedelta(days=1), NOW, BERLIN, ENGLISH)
    assert tomorrow == "Please come back on Tuesday, 5 March at 13:00. Your code will work then."
    german = come_back(noon + timedelta(days=1), NOW, BERLIN, CATALOGUES[Language.GERMAN])
    assert german == "Bitte kommen Sie am Dienstag, 5. März um 13:00 Uhr wieder. Dann gilt Ihr Code."


def test_midnight_belongs_to_the_site_not_to_utc() -> None:
    """23:30 UTC is tomorrow in Berlin, so the day is named."""
    late = datetime(2030, 3, 4, 23, 30, tzinfo=UTC)
    assert "Tuesday, 5 March at 00:30" in come_back(late, NOW, BERLIN, ENGLISH)


@pytest.mark.parametrize("name", ["Nowhere/Land", "", "../etc/passwd", "a" * 5_000, "Europe/\0"])
def test_unknown_zone_is_utc_and_says_so(name: str) -> None:
    """A zone this machine does not know gives UTC, named, and no exception."""
    assert clock_time(NOW, zone_of(name)) == "10:24 UTC"


def test_since_another_day_names_the_day() -> None:
    """An outage of yesterday is not read as one of today."""
    assert since_when(NOW - timedelta(hours=1), NOW, BERLIN, ENGLISH) == "10:24"
    assert since_when(NOW - timedelta(days=1), NOW, BERLIN, ENGLISH) == "Sunday, 3 March, 11:24"


def test_admitted_greets_by_name_with_host_and_room() -> None:
    """Name, host and room where known; a plain welcome where the kiosk never heard of the visit."""
    words = said(Admitted(Greeting("Ada Lovelace", "Grace Hopper", "2.14"), DWELL, None))
    assert words.title == "Welcome, Ada Lovelace"
    assert words.facts == (("Your host", "Grace Hopper"), ("Room", "2.14"))
    assert (words.mood, words.mark) == (Mood.WELCOME, Mark.TICK)
    assert (
        words.spoken == "Welcome, Ada Lovelace. You are checked in. Please come in. Your host: Grace Hopper. Room: 2.14"
    )
    assert said(Admitted(Greeting("Ada"), DWELL, None)).facts == ()
    assert said(Admitted(None, DWELL, None)).title == "Welcome"


def test_foreign_name_does_not_turn_an_arabic_sentence() -> None:
    """A Latin name stands isolated, and comes out as typed when the marks are dropped."""
    arabic = Setting(CATALOGUES[Language.ARABIC], BERLIN, NOW)
    title = said(Admitted(Greeting("Ada (Acme)"), DWELL, None), arabic).title
    assert "\u2068Ada (Acme)\u2069" in title
    assert "\u2068" not in without_isolates(title)


def test_braces_in_a_name_are_only_a_name() -> None:
    """A visitor's name is never read as a pattern."""
    assert said(Admitted(Greeting("{name} {0} %s"), DWELL, None)).title == "Welcome, {name} {0} %s"


def test_help_screens() -> None:
    """Without a code, asking for help, no answer, and used elsewhere: each its own words."""
    assert said(AskReception(HelpCause.NO_CODE, None, DWELL, None)).title == "No code? No problem"
    assert said(AskReception(HelpCause.ASKED_FOR_HELP, None, DWELL, None)).staff_code == ""
    slow = said(AskReception(HelpCause.NO_ANSWER, StaffCode.DOOR_NO_ANSWER, DWELL, None))
    assert slow.staff_code == "For staff: DOOR-20"
    used = said(AskReception(Reason.ALREADY_USED, StaffCode.DOOR_ALREADY_USED, DWELL, None))
    assert used.body == "This code has already been used."


def test_pairing_words() -> None:
    """Tries left as counted, in the right plural; a code where there is one; progress while it lasts."""
    wrong = PairingTroubleKind.WRONG_DIGITS
    assert said(Unpaired()).body == ENGLISH.say(Say.CONNECT_BODY)
    one = said(Unpaired("", "", PairingTrouble(wrong, 1)))
    assert one.body == "These digits do not match. 1 try left."
    assert (
        said(Unpaired("", "", PairingTrouble(wrong, None, StaffCode.SERVER_REFUSES_KIOSK))).body
        == "These digits do not match."
    )
    far = PairingTrouble(PairingTroubleKind.UNREACHABLE, None, StaffCode.SERVER_UNREACHABLE)
    assert said(Unpaired("", "", far)).body.endswith("please try again. (NET-1)")
    gone = PairingTrouble(PairingTroubleKind.REVOKED, None, StaffCode.KIOSK_REVOKED)
    assert said(Unpaired("", "", gone)).body == (
        "Your team disconnected this kiosk. Whoever looks after your kiosks knows why. New digits connect it again. "
        "(NET-6)"
    )
    assert "1 check-in not sent yet waits here, sealed" in said(Unpaired("", "", replace(gone, sealed=1))).body
    assert said(Pairing("", "", DWELL)).body == "Connecting, one moment"
    for kind in PairingTroubleKind:
        assert said(Unpaired("", "", PairingTrouble(kind))).body


def test_other_screens() -> None:
    """Starting, Ready with and without hint, Checking and resting."""
    assert said(Starting()).title == "One moment, please"
    assert said(Ready()).body == "Hold your code in front of the camera"
    assert said(Ready(Hint.ONE_CODE_PLEASE, DWELL)).body == "One code at a time, please"
    assert said(Checking(1, DWELL)).body == "Thank you"
    resting = said(OutOfService(StaffCode.CAMERA_STOPPED))
    assert (resting.title, resting.staff_code) == ("This kiosk is resting", "For staff: CAM-2")


def test_strip() -> None:
    """Exactly what is off, in one line."""
    earlier = NOW - timedelta(minutes=22)
    assert strip_words(Strip(True, earlier, 1, None, None), HERE) == "Offline since 11:02 · 1 check-in waiting"
    assert strip_words(Strip(True, None, 0, None, None), HERE) == "Offline"
    assert strip_words(Strip(False, None, 3, NOW, None), HERE) == "3 check-ins waiting since 11:24"
    assert strip_words(Strip(False, None, 0, None, StaffCode.CAMERA_STOPPED), HERE) == "Camera: CAM-2"
    assert strip_words(Strip(False, None, 0, None, None, StaffCode.TOKEN_ENDS_SOON), HERE) == "Server: NET-7"
