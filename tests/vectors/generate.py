"""Write the vectors: ``python -m tests.vectors.generate [FOLDER]``. Keys and randomness are fixed, so is every byte."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.vectors.building import admission, batches, credentials, documents, names, pairing_runs, seals, tokens

HERE = Path(__file__).parent

FILES: Mapping[str, Callable[[], dict[str, Any]]] = {
    "encodings": names.encodings,
    "names": names.names,
    "keys": names.keys,
    "visit_tokens": tokens.visit_tokens,
    "sealed_details": seals.sealed_details,
    "sealed_items": seals.sealed_items,
    "chains": seals.chains,
    "envelopes": documents.envelopes,
    "trust": documents.trust_updates,
    "time": documents.time_statements,
    "records": documents.records,
    "device_tokens": credentials.device_tokens,
    "proofs": credentials.dpop_proofs,
    "pairing": pairing_runs.pairing_runs,
    "setup_codes": credentials.setup_codes,
    "batches": batches.batches,
    "admission": admission.admission,
}


def write(folder: Path) -> None:
    """Write every file to ``folder``, ASCII only, one line each for what a reader compares."""
    for name, build in FILES.items():
        (folder / f"{name}.json").write_text(json.dumps(build(), indent=1) + "\n", encoding="ascii")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
