"""English for staff. Findings are the terminal's own."""

from kiosk_app.core.health_words import FINDINGS, STATES, SUBJECTS
from kiosk_app.ui.texts.staff import StaffSay, StaffTexts

TEXTS = StaffTexts(
    subjects=SUBJECTS,
    states=STATES,
    findings=FINDINGS,
    texts={
        StaffSay.PIN_TITLE: "For staff",
        StaffSay.PIN_BODY: "Type the six digits of your PIN.",
        StaffSay.PIN_TYPED: "{count} of 6 digits typed",
        StaffSay.PIN_CHECKING: "One moment",
        StaffSay.PIN_WRONG: "That is not the PIN. Tries left: {count}",
        StaffSay.PIN_LOCKED: "Too many tries. Minutes until the next one: {count}",
        StaffSay.PIN_MISSING: "No PIN is set. On this machine run {command} as the kiosk's user, then come back.",
        StaffSay.PIN_TROUBLE: "The PIN cannot be read ({code}).",
        StaffSay.TITLE: "How this kiosk is",
        StaffSay.LOOKING: "Looking, one moment",
        StaffSay.WORKING: "Working on it, one moment",
        StaffSay.CAMERA: "Test the camera",
        StaffSay.CAMERA_EFFECT: "Shows what it sees. No code is used up.",
        StaffSay.SYNC: "Send now",
        StaffSay.SYNC_EFFECT: "Sends what waits and fetches what is new.",
        StaffSay.SAVE: "Save a report",
        StaffSay.SAVE_EFFECT: "A file for IT, without personal data.",
        StaffSay.UNPAIR: "Unpair",
        StaffSay.UNPAIR_EFFECT: "Takes this kiosk from its site. Asks first.",
        StaffSay.LEAVE: "Leave",
        StaffSay.LEAVE_EFFECT: "Back to the visitors.",
        StaffSay.CAMERA_TITLE: "Camera test",
        StaffSay.CAMERA_BODY: "Hold any code in front of the camera.",
        StaffSay.KIND_VISIT: "A visit code. It was not used up.",
        StaffSay.KIND_SETUP: "A set-up code for pairing.",
        StaffSay.KIND_OTHER: "Another kind of code. Reading works.",
        StaffSay.UNPAIR_TITLE: "Unpair this kiosk?",
        StaffSay.UNPAIR_BODY: "It admits nobody until it is paired again, with a new pairing window. "
        "Revoke it in the dashboard as well.",
        StaffSay.UNPAIR_SURE: "Yes, unpair",
        StaffSay.KEEP_BODY: "Not unpaired. Check-ins not sent yet: {count}. "
        "Send them first, or keep them sealed in a file on this machine.",
        StaffSay.KEEP: "Keep them and unpair",
        StaffSay.SYNCED: "Done. Everything is sent.",
        StaffSay.SYNCED_WAITING: "Done. Still waiting: {count}",
        StaffSay.SYNC_FAILED: "It did not work ({code}). Still waiting, and safe: {count}",
        StaffSay.SAVED: "Saved in {where}",
        StaffSay.UNPAIRED: "Unpaired. Nothing was left to send.",
        StaffSay.UNPAIRED_KEPT: "Unpaired. The sealed check-ins are kept in {where}, their key in the key folder.",
        StaffSay.FAILED: "It did not work ({code}).",
    },
)
