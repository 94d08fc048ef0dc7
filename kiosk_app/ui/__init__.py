"""The kiosk's window: Qt Widgets that show what the journey says and report what a finger does. No decision is here."""

from kiosk_app.workers.quick_imports import keep_imports_quick

keep_imports_quick()
