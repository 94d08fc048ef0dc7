"""``python -m kiosk_server`` and the script ``atrium-server``."""

import sys

from kiosk_server.cli.main import run


def main() -> None:
    """Run the command line and exit with its code."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
