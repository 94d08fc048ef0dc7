"""German."""

from kiosk_app.core.journey import Language
from kiosk_app.ui.texts.catalogue import Answer, Catalogue, one_or_other
from kiosk_app.ui.texts.keys import Count, Say
from kiosk_protocol.reasons import Reason

GERMAN = Catalogue(
    language=Language.GERMAN,
    name="Deutsch",
    right_to_left=False,
    plural=one_or_other,
    weekdays=("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    months=(
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ),
    date="{weekday}, {day}. {month}",
    texts={
        Say.WELCOME: "Willkommen",
        Say.HOLD_CODE: "Halten Sie Ihren Code vor die Kamera",
        Say.WHERE_CODE_IS: "Sie finden ihn in Ihrer Einladung, auf dem Handy oder auf Papier.",
        Say.NO_CODE: "Ich habe keinen Code",
        Say.CODE_SEEN: "Vielen Dank",
        Say.CHECKING: "Einen Moment, wir prüfen Ihren Code",
        Say.ONE_CODE_PLEASE: "Bitte nur ein Code auf einmal",
        Say.PREVIEW: "Kamerabild",
        Say.ADMITTED: "Willkommen",
        Say.ADMITTED_NAMED: "Willkommen, {name}",
        Say.ADMITTED_BODY: "Sie sind angemeldet. Bitte treten Sie ein.",
        Say.HOST: "Sie besuchen",
        Say.ROOM: "Raum",
        Say.SEE_RECEPTION: "Bitte gehen Sie zum Empfang, dort hilft man Ihnen",
        Say.NOT_ABOUT_YOU: "Dieses Terminal kann gerade keine Codes prüfen. Es liegt nicht an Ihnen oder Ihrem Code.",
        Say.HELP_TITLE: "Der Empfang hilft Ihnen",
        Say.HELP_BODY: "Bitte gehen Sie zum Empfang. Dort hilft man Ihnen gern.",
        Say.NO_CODE_TITLE: "Kein Code? Kein Problem",
        Say.NO_CODE_BODY: "Bitte nennen Sie am Empfang Ihren Namen und wen Sie besuchen. "
        "Falls Sie Ihren Code finden, halten Sie ihn einfach hierher.",
        Say.COME_BACK_AT: "Bitte kommen Sie um {time} Uhr wieder. Dann gilt Ihr Code.",
        Say.COME_BACK_ON: "Bitte kommen Sie am {date} um {time} Uhr wieder. Dann gilt Ihr Code.",
        Say.STAFF_CODE: "Für das Team: {code}",
        Say.OUT_TITLE: "Dieses Terminal macht Pause",
        Say.OUT_BODY: "Bitte gehen Sie zum Empfang, dort hilft man Ihnen.",
        Say.STARTING: "Einen Moment bitte",
        Say.CALL_RECEPTION: "Empfang rufen",
        Say.DONE: "Fertig",
        Say.TRY_ANOTHER: "Anderen Code zeigen",
        Say.BACK: "Zurück",
        Say.MORE_TIME: "Mehr Zeit",
        Say.SECONDS_LEFT: "Diese Seite schließt sich von selbst",
        Say.CONNECT_TITLE: "Terminal verbinden",
        Say.CONNECT_BODY: "Geben Sie die Kopplungsadresse und die sechs Ziffern ein, oder zeigen Sie der Kamera "
        "den Einrichtungscode.",
        Say.ADDRESS: "Kopplungsadresse",
        Say.ADDRESS_EXAMPLE: "https://",
        Say.DIGITS: "Sechs Ziffern",
        Say.DIGITS_TYPED: "{typed} von 6 Ziffern eingegeben",
        Say.KEY_DIGIT: "Ziffer {digit}",
        Say.KEY_ERASE: "Letzte Ziffer löschen",
        Say.KEY_CLEAR: "Leeren",
        Say.CONNECT: "Verbinden",
        Say.CONNECTING: "Einen Moment, wir verbinden",
        Say.WRONG_DIGITS: "Diese Ziffern passen nicht.",
        Say.NO_TRIES_LEFT: "Keine Versuche mehr. Bitte öffnen Sie ein neues Kopplungsfenster und geben Sie dessen "
        "Ziffern ein.",
        Say.WINDOW_CLOSED: "Für diesen Standort ist kein Kopplungsfenster offen. Bitte öffnen Sie eines und geben "
        "Sie dessen Ziffern ein.",
        Say.ADDRESS_UNUSABLE: "Das ist keine Kopplungsadresse. Bitte vergleichen Sie sie mit der, die Sie "
        "erhalten haben.",
        Say.SERVER_NOT_TRUSTED: "Der Server ist nicht der, den diese Adresse nennt. Bitte fragen Sie Ihre IT.",
        Say.UNREACHABLE: "Wir erreichen den Server gerade nicht. Ihre Ziffern gelten noch, bitte versuchen Sie es "
        "noch einmal.",
        Say.NO_ANSWER: "Der Server hat nicht rechtzeitig geantwortet. Bitte versuchen Sie es noch einmal.",
        Say.REVOKED: "Ihr Team hat dieses Gerät abgemeldet. Wer Ihre Geräte betreut, weiß warum. "
        "Neue Ziffern verbinden es wieder.",
        Say.KEYBOARD: "Tastatur",
        Say.KEY_SHIFT: "Großbuchstaben",
        Say.KEY_BACKSPACE: "Löschen",
        Say.LANGUAGE: "Sprache",
        Say.DISPLAY: "Anzeige",
        Say.THEME: "Farben",
        Say.THEME_LIGHT: "Hell",
        Say.THEME_DARK: "Dunkel",
        Say.THEME_HIGH_CONTRAST: "Hoher Kontrast",
        Say.TEXT_SIZE: "Textgröße",
        Say.TEXT_NORMAL: "Normal",
        Say.TEXT_LARGE: "Groß",
        Say.TEXT_LARGEST: "Sehr groß",
        Say.MOTION: "Bewegung",
        Say.MOTION_FULL: "An",
        Say.MOTION_CALM: "Reduziert",
        Say.OFFLINE: "Offline",
        Say.OFFLINE_SINCE: "Offline seit {time}",
        Say.SINCE: "{what} seit {time}",
        Say.CAMERA_CODE: "Kamera: {code}",
        Say.SERVER_CODE: "Server: {code}",
    },
    counts={
        Count.TRIES_LEFT: {"one": "Noch {count} Versuch.", "other": "Noch {count} Versuche."},
        Count.WAITING: {"one": "{count} Anmeldung wartet", "other": "{count} Anmeldungen warten"},
        Count.SEALED: {
            "one": "{count} noch nicht gesendete Anmeldung wartet versiegelt hier und wird von selbst übergeben.",
            "other": "{count} noch nicht gesendete Anmeldungen warten versiegelt hier und werden von selbst übergeben.",
        },
    },
    answers={
        Reason.NOT_A_VISIT_CODE: Answer(
            "Das ist ein anderer Code",
            "Bitte zeigen Sie den Code aus Ihrer Besuchseinladung. Wenn Sie ihn nicht finden, hilft der Empfang.",
        ),
        Reason.MALFORMED: Answer(
            "Wir können diesen Code nicht ganz lesen",
            "Bitte öffnen Sie ihn noch einmal aus Ihrer Einladung und zeigen Sie ihn ganz, oder gehen Sie zum Empfang.",
        ),
        Reason.UNKNOWN_KEY: Answer(
            "Wir kennen diesen Code nicht",
            "Bitte suchen Sie Ihre neueste Einladung in dieses Haus, oder gehen Sie zum Empfang.",
        ),
        Reason.BAD_SIGNATURE: Answer(
            "Diesen Code können wir nicht annehmen",
            "Bitte zeigen Sie den Code direkt aus Ihrer Einladung, oder gehen Sie zum Empfang.",
        ),
        Reason.WRONG_SITE: Answer(
            "Dieser Code gilt für einen anderen Standort",
            "Bitte sehen Sie auf die Adresse in Ihrer Einladung. Der Empfang zeigt Ihnen gern den Weg.",
        ),
        Reason.TRUST_EXPIRED: Answer(
            "Bitte gehen Sie zum Empfang, dort hilft man Ihnen",
            "Dieses Terminal kann gerade keine Codes prüfen. Es liegt nicht an Ihnen oder Ihrem Code.",
        ),
        Reason.CLOCK_SUSPECT: Answer(
            "Bitte gehen Sie zum Empfang, dort hilft man Ihnen",
            "Dieses Terminal ist sich der Uhrzeit gerade nicht sicher. Es liegt nicht an Ihnen oder Ihrem Code.",
        ),
        Reason.STORE_UNAVAILABLE: Answer(
            "Bitte gehen Sie zum Empfang, dort hilft man Ihnen",
            "Dieses Terminal kann Ihre Ankunft gerade nicht festhalten. Es liegt nicht an Ihnen oder Ihrem Code.",
        ),
        Reason.CANCELLED: Answer(
            "Dieser Besuch wurde abgesagt",
            "Bitte sprechen Sie mit der Person, die Sie besuchen, oder gehen Sie zum Empfang.",
        ),
        Reason.SUPERSEDED: Answer(
            "Für Ihren Besuch gibt es einen neueren Code",
            "Bitte zeigen Sie den Code aus Ihrer neuesten Nachricht, oder gehen Sie zum Empfang.",
        ),
        Reason.ALREADY_USED: Answer(
            "Dieser Code wurde schon benutzt",
            "Wenn Sie sich gerade angemeldet haben, ist alles gut. Sonst gehen Sie bitte zum Empfang.",
        ),
        Reason.EXPIRED: Answer(
            "Die Zeit dieses Besuchs ist vorbei",
            "Bitte gehen Sie zum Empfang, dort kann ein neuer Besuch vereinbart werden.",
        ),
        Reason.TOO_EARLY: Answer(
            "Sie sind früh dran",
            "Bitte kommen Sie etwas später wieder. Dann gilt Ihr Code.",
        ),
        Reason.UNKNOWN_VISIT: Answer(
            "Bitte gehen Sie zum Empfang, dort hilft man Ihnen",
            "Ihr Code ist echt, aber dieses Terminal kennt Ihren Besuch noch nicht.",
        ),
        Reason.CONFLICT: Answer(
            "Bitte gehen Sie zum Empfang, dort hilft man Ihnen",
            "Wir möchten Ihre Anmeldung gern persönlich mit Ihnen abschließen.",
        ),
    },
)
