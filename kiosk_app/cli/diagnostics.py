"""``atrium-kiosk diagnostics``: the report for IT, as the staff's page saves it; without personal data."""

import argparse
from pathlib import Path

from kiosk_app.bootstrap.report import report_on
from kiosk_app.cli.doctor import gather_facts
from kiosk_app.cli.exits import FAILED, OK, answer, complain
from kiosk_app.cli.opening import paths_of
from kiosk_app.settings import read_moment_ms


def main(options: argparse.Namespace) -> int:
    """Write the report to a file, or to standard output. What it finds makes no difference to the status."""
    content = report_on(gather_facts(paths_of(options), read_moment_ms(options.build_time), options.camera))
    if options.output is None:
        answer(content.decode().rstrip("\n"))
        return OK
    place = Path(options.output)
    try:
        place.write_bytes(content)
    except OSError as error:
        complain(f"The report cannot be written to {place} ({error.strerror}).")
        return FAILED
    answer(f"The report is in {place}. It holds no personal data.")
    return OK
