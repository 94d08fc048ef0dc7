"""``atrium-kiosk`` and ``python -m kiosk_app``."""

import sys
from contextlib import suppress

from kiosk_app.cli.main import main as _main


def main() -> None:
    """Run the command line and exit with its status."""
    _forbid_core_dumps()
    sys.exit(_main(sys.argv[1:]))


def _forbid_core_dumps() -> None:
    """A dump of this process would hold the device key and the last visitor's name."""
    if sys.platform != "win32":
        # Only where it exists. Collectors such as systemd-coredump heed the limit too (core(5): they are told it).
        import resource  # noqa: PLC0415

        # The service's unit allows no change of limits, and sets this one itself.
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
