"""A process of its own that uses a data folder, told what to do through its input.

``python -m tests.kiosk_server.postgres.holder FOLDER TENURE`` starts or joins, writes a line of JSON, and stops when
its input ends. Errors become the line ``{"code": ...}``.
"""

import json
import sys
from pathlib import Path

from kiosk_server.postgres import Durability, EmbeddedPostgres, EmbeddedPostgresError, Tenure
from kiosk_server.postgres.processes import read_postmaster


def main(folder: Path, tenure: Tenure) -> None:
    embedded = EmbeddedPostgres(folder, tenure=tenure, durability=Durability.UNSAFE_FOR_TESTS)
    try:
        embedded.start()
    except EmbeddedPostgresError as error:
        say({"code": error.code, "error": str(error)})
        return
    postmaster = read_postmaster(folder / "cluster")
    say({"owner": embedded.is_owner, "postmaster": postmaster.pid if postmaster else None})
    sys.stdin.read()
    embedded.stop()


def say(fields: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Tenure(sys.argv[2]))
