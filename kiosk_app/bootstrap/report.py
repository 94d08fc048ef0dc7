"""The report for IT from the facts at hand, the same from the staff's page and from a terminal."""

from importlib.metadata import version
from platform import python_version

from kiosk_app.bootstrap.household import APP_VERSION
from kiosk_app.logs import recent
from kiosk_app.services.diagnostics import report
from kiosk_app.services.doctor import Facts, examine
from kiosk_app.store.database import SQLITE_VERSION


def versions() -> dict[str, str]:
    """Return the versions that matter when something is odd."""
    return {
        "app": APP_VERSION,
        "python": python_version(),
        "sqlite": SQLITE_VERSION,
        "qt": version("PySide6-Essentials"),
    }


def report_on(facts: Facts) -> bytes:
    """Return the report as JSON in UTF-8, with the last lines of this process's own log."""
    return report(examine(facts), versions(), facts.queue, recent(), facts.now_ms)
