"""Arabic, right to left. Figures are European, as in the codes and times people hold in their hands."""

from kiosk_app.core.journey import Language
from kiosk_app.ui.texts.catalogue import Answer, Catalogue
from kiosk_app.ui.texts.keys import Count, Say
from kiosk_protocol.reasons import Reason


def arabic_plural(number: int) -> str:
    """Return the plural form (Unicode CLDR, plural rules, ``ar``)."""
    if number <= 2:
        return ("zero", "one", "two")[number]
    if 3 <= number % 100 <= 10:
        return "few"
    return "many" if number % 100 >= 11 else "other"


_SEE_RECEPTION = "يرجى التوجه إلى الاستقبال، وسيساعدونك"

ARABIC = Catalogue(
    language=Language.ARABIC,
    name="العربية",
    right_to_left=True,
    plural=arabic_plural,
    weekdays=("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"),
    months=(
        "يناير",
        "فبراير",
        "مارس",
        "أبريل",
        "مايو",
        "يونيو",
        "يوليو",
        "أغسطس",
        "سبتمبر",
        "أكتوبر",
        "نوفمبر",
        "ديسمبر",
    ),
    date="{weekday} {day} {month}",
    texts={
        Say.WELCOME: "أهلًا وسهلًا",
        Say.HOLD_CODE: "ضع رمزك أمام الكاميرا",
        Say.WHERE_CODE_IS: "ستجده في الدعوة، على هاتفك أو على الورق.",
        Say.NO_CODE: "ليس لدي رمز",
        Say.CODE_SEEN: "شكرًا لك",
        Say.CHECKING: "لحظة من فضلك، نتحقق من رمزك",
        Say.ONE_CODE_PLEASE: "رمز واحد في كل مرة من فضلك",
        Say.PREVIEW: "صورة الكاميرا",
        Say.ADMITTED: "أهلًا وسهلًا",
        Say.ADMITTED_NAMED: "أهلًا بك، {name}",
        Say.ADMITTED_BODY: "تم تسجيل وصولك. تفضل بالدخول.",
        Say.HOST: "مضيفك",
        Say.ROOM: "الغرفة",
        Say.SEE_RECEPTION: _SEE_RECEPTION,
        Say.NOT_ABOUT_YOU: "لا يستطيع هذا الجهاز التحقق من الرموز حاليًا. لا علاقة لذلك بك أو برمزك.",
        Say.HELP_TITLE: "الاستقبال في خدمتك",
        Say.HELP_BODY: "يرجى التوجه إلى مكتب الاستقبال، وسيسعدهم أن يساعدوك.",
        Say.NO_CODE_TITLE: "ليس لديك رمز؟ لا بأس",
        Say.NO_CODE_BODY: "يرجى التوجه إلى الاستقبال وذكر اسمك واسم من تزوره. وإن وجدت رمزك فضعه هنا أمام الكاميرا.",
        Say.COME_BACK_AT: "يرجى العودة في الساعة {time}. سيعمل رمزك حينها.",
        Say.COME_BACK_ON: "يرجى العودة يوم {date} في الساعة {time}. سيعمل رمزك حينها.",
        Say.STAFF_CODE: "للموظفين: {code}",
        Say.OUT_TITLE: "هذا الجهاز في استراحة",
        Say.OUT_BODY: "يرجى التوجه إلى الاستقبال، وسيساعدونك.",
        Say.STARTING: "لحظة من فضلك",
        Say.CALL_RECEPTION: "اطلب الاستقبال",
        Say.DONE: "تم",
        Say.TRY_ANOTHER: "جرّب رمزًا آخر",
        Say.BACK: "رجوع",
        Say.MORE_TIME: "وقت إضافي",
        Say.SECONDS_LEFT: "ستُغلق هذه الشاشة تلقائيًا",
        Say.CONNECT_TITLE: "ربط هذا الجهاز",
        Say.CONNECT_BODY: "اكتب عنوان الربط والأرقام الستة، أو اعرض رمز الإعداد على الكاميرا.",
        Say.ADDRESS: "عنوان الربط",
        Say.ADDRESS_EXAMPLE: "https://",
        Say.DIGITS: "الأرقام الستة",
        Say.DIGITS_TYPED: "كُتب {typed} من 6 أرقام",
        Say.KEY_DIGIT: "الرقم {digit}",
        Say.KEY_ERASE: "مسح آخر رقم",
        Say.KEY_CLEAR: "مسح الكل",
        Say.CONNECT: "ربط",
        Say.CONNECTING: "لحظة، جارٍ الربط",
        Say.WRONG_DIGITS: "هذه الأرقام غير مطابقة.",
        Say.NO_TRIES_LEFT: "لم تبق محاولات. يرجى فتح نافذة ربط جديدة وكتابة أرقامها.",
        Say.WINDOW_CLOSED: "لا توجد نافذة ربط مفتوحة لهذا الموقع. يرجى فتح نافذة وكتابة أرقامها.",
        Say.ADDRESS_UNUSABLE: "هذا ليس عنوان ربط. يرجى مقارنته بالعنوان الذي استلمته.",
        Say.SERVER_NOT_TRUSTED: "الخادم ليس هو المذكور في هذا العنوان. يرجى سؤال قسم تقنية المعلومات.",
        Say.UNREACHABLE: "لا نستطيع الوصول إلى الخادم الآن. أرقامك ما زالت صالحة، يرجى المحاولة مرة أخرى.",
        Say.NO_ANSWER: "لم يُجب الخادم في الوقت المناسب. يرجى المحاولة مرة أخرى.",
        Say.REVOKED: "فصل فريقكم هذا الجهاز. المسؤول عن أجهزتكم يعرف السبب. أرقام جديدة تربطه مرة أخرى.",
        Say.KEYBOARD: "لوحة المفاتيح",
        Say.KEY_SHIFT: "أحرف كبيرة",
        Say.KEY_BACKSPACE: "مسح",
        Say.LANGUAGE: "اللغة",
        Say.DISPLAY: "العرض",
        Say.THEME: "الألوان",
        Say.THEME_LIGHT: "فاتح",
        Say.THEME_DARK: "داكن",
        Say.THEME_HIGH_CONTRAST: "تباين عالٍ",
        Say.TEXT_SIZE: "حجم النص",
        Say.TEXT_NORMAL: "عادي",
        Say.TEXT_LARGE: "كبير",
        Say.TEXT_LARGEST: "أكبر",
        Say.MOTION: "الحركة",
        Say.MOTION_FULL: "كاملة",
        Say.MOTION_CALM: "مخففة",
        Say.OFFLINE: "غير متصل",
        Say.OFFLINE_SINCE: "غير متصل منذ {time}",
        Say.SINCE: "{what} منذ {time}",
        Say.CAMERA_CODE: "الكاميرا: {code}",
        Say.SERVER_CODE: "الخادم: {code}",
    },
    counts={
        Count.TRIES_LEFT: {
            "zero": "لم تبق محاولات.",
            "one": "بقيت محاولة واحدة.",
            "two": "بقيت محاولتان.",
            "few": "بقيت {count} محاولات.",
            "many": "بقيت {count} محاولة.",
            "other": "بقيت {count} محاولة.",
        },
        Count.WAITING: {
            "zero": "لا تسجيلات بانتظار الإرسال",
            "one": "تسجيل واحد بانتظار الإرسال",
            "two": "تسجيلان بانتظار الإرسال",
            "few": "{count} تسجيلات بانتظار الإرسال",
            "many": "{count} تسجيلًا بانتظار الإرسال",
            "other": "{count} تسجيل بانتظار الإرسال",
        },
        Count.SEALED: {
            "zero": "لا تسجيلات لم تُرسل.",
            "one": "تسجيل واحد لم يُرسل يُسلَّم من هنا مختومًا.",
            "two": "تسجيلان لم يُرسلا يُسلَّمان من هنا مختومين.",
            "few": "{count} تسجيلات لم تُرسل تُسلَّم من هنا مختومة.",
            "many": "{count} تسجيلًا لم تُرسل تُسلَّم من هنا مختومة.",
            "other": "{count} تسجيل لم تُرسل تُسلَّم من هنا مختومة.",
        },
    },
    answers={
        Reason.NOT_A_VISIT_CODE: Answer(
            "هذا رمز من نوع آخر",
            "يرجى عرض الرمز الموجود في دعوة الزيارة. وإن لم تجده فالاستقبال يساعدك.",
        ),
        Reason.MALFORMED: Answer(
            "لم نتمكن من قراءة هذا الرمز كاملًا",
            "يرجى فتحه من الدعوة مرة أخرى وعرضه كاملًا، أو التوجه إلى الاستقبال.",
        ),
        Reason.UNKNOWN_KEY: Answer(
            "لا نعرف هذا الرمز",
            "يرجى البحث عن أحدث دعوة إلى هذا المبنى، أو التوجه إلى الاستقبال.",
        ),
        Reason.BAD_SIGNATURE: Answer(
            "لا يمكننا قبول هذا الرمز",
            "يرجى عرض الرمز من الدعوة مباشرة، أو التوجه إلى الاستقبال.",
        ),
        Reason.WRONG_SITE: Answer(
            "هذا الرمز لموقع آخر",
            "يرجى مراجعة العنوان في الدعوة. ويمكن للاستقبال أن يدلك على الطريق.",
        ),
        Reason.TRUST_EXPIRED: Answer(
            _SEE_RECEPTION,
            "لا يستطيع هذا الجهاز التحقق من الرموز حاليًا. لا علاقة لذلك بك أو برمزك.",
        ),
        Reason.CLOCK_SUSPECT: Answer(
            _SEE_RECEPTION,
            "هذا الجهاز غير متأكد من الوقت حاليًا. لا علاقة لذلك بك أو برمزك.",
        ),
        Reason.STORE_UNAVAILABLE: Answer(
            _SEE_RECEPTION,
            "لا يستطيع هذا الجهاز تسجيل وصولك حاليًا. لا علاقة لذلك بك أو برمزك.",
        ),
        Reason.CANCELLED: Answer(
            "أُلغيت هذه الزيارة",
            "يرجى التحدث إلى مضيفك، أو التوجه إلى الاستقبال.",
        ),
        Reason.SUPERSEDED: Answer(
            "هناك رمز أحدث لزيارتك",
            "يرجى عرض الرمز من آخر رسالة وصلتك، أو التوجه إلى الاستقبال.",
        ),
        Reason.ALREADY_USED: Answer(
            "استُخدم هذا الرمز من قبل",
            "إن كنت قد سجلت وصولك للتو فكل شيء جاهز. وإلا فيرجى التوجه إلى الاستقبال.",
        ),
        Reason.EXPIRED: Answer(
            "انتهى وقت هذه الزيارة",
            "يرجى التوجه إلى الاستقبال، ويمكنهم ترتيب زيارة جديدة مع مضيفك.",
        ),
        Reason.TOO_EARLY: Answer(
            "وصلت مبكرًا",
            "يرجى العودة بعد قليل. سيعمل رمزك حينها.",
        ),
        Reason.UNKNOWN_VISIT: Answer(
            _SEE_RECEPTION,
            "رمزك صحيح، لكن زيارتك لم تصل إلى هذا الجهاز بعد.",
        ),
        Reason.CONFLICT: Answer(
            _SEE_RECEPTION,
            "نود أن نكمل تسجيل وصولك معك شخصيًا.",
        ),
    },
)
