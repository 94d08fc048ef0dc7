"""Thread bodies: QtCore only. A worker is a shell whose slots call a service and emit what came of it."""

from kiosk_app.workers.quick_imports import keep_imports_quick

keep_imports_quick()
