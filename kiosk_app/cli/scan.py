"""``atrium-kiosk scan PICTURE…``: files through the camera's own reader, one JSON object a line.

Judged by ``--keys`` and ``--site`` where given, else by what this kiosk was paired with, read-only, used visits
included; else read and not judged. Nobody is admitted, and nothing is written but, with ``--explain FOLDER``, each
picture with the place of its code marked, beside a sentence that says why it was not read or not accepted.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kiosk_app.camera.decoders import Decoder
from kiosk_app.camera.diagnosis import diagnose
from kiosk_app.camera.pictures import Unreadable, read_grey
from kiosk_app.camera.pixels import Pixels
from kiosk_app.camera.symbols import Symbol
from kiosk_app.cli.exits import FAILED, OK, answer
from kiosk_app.cli.explaining import READ, SENTENCES, SEVERAL, mark, outlines_of, refused
from kiosk_app.cli.judging import Bench, Judgement, read_at_s, read_site
from kiosk_app.cli.key_file import Believed, read_key_file
from kiosk_app.cli.opening import paths_of
from kiosk_app.core.errors import SettingsError
from kiosk_app.store.kiosk_store import KioskStore
from kiosk_protocol.identifiers import visit_digest
from kiosk_protocol.reasons import Reason

Judge = Callable[[str], Judgement]


def main(options: argparse.Namespace) -> int:
    """Read every picture; the status says whether all of them were pictures."""
    judge = _judge_for(options)
    decoder = Decoder()
    readable = True
    for name in options.pictures:
        began_ns = time.monotonic_ns()
        members = _scan(Path(name), decoder, judge, None if options.explain is None else Path(options.explain))
        members["ms"] = round((time.monotonic_ns() - began_ns) / 1_000_000, 1)
        readable = readable and "error" not in members
        answer(json.dumps({"file": name} | members))
    return OK if readable else FAILED


def _scan(path: Path, decoder: Decoder, judge: Judge | None, explained: Path | None) -> dict[str, Any]:
    picture = read_grey(path)
    if isinstance(picture, Unreadable):
        return {"text": None, "verdict": None, "reason": None, "error": picture.value}
    symbols = decoder.read(picture)
    members = _judged(symbols, judge)
    return members if explained is None else members | _explained(picture, symbols, members, path, explained)


def _explained(
    picture: Pixels, symbols: tuple[Symbol, ...], members: dict[str, Any], path: Path, folder: Path
) -> dict[str, Any]:
    """Return the sentence, the cause where there is one, and the name of the marked picture."""
    diagnosis = None if symbols else diagnose(picture)
    if diagnosis is not None:
        sentence = SENTENCES[diagnosis.cause]
    elif len(symbols) > 1:
        sentence = SEVERAL
    else:
        sentence = READ if members["reason"] is None else refused(members["reason"])
    return {
        "cause": None if diagnosis is None else diagnosis.cause.value,
        "explanation": sentence,
        "marked": mark(picture, outlines_of(symbols, diagnosis), path, folder),
    }


def _judged(symbols: tuple[Symbol, ...], judge: Judge | None) -> dict[str, Any]:
    if len(symbols) != 1:
        return {"text": None, "verdict": None, "reason": "several_codes" if symbols else "no_code"}
    text = symbols[0].text
    if judge is None:
        return {"text": text, "verdict": None, "reason": None}
    judgement = judge(text)
    return {"text": text, "verdict": judgement.verdict, "reason": judgement.reason}


def _judge_for(options: argparse.Namespace) -> Judge | None:
    if (options.keys is None) != (options.site is None):
        raise SettingsError("--keys and --site go together.")
    if options.keys is not None:
        return Bench(read_key_file(options.keys, options.root), read_site(options.site), read_at_s(options.at)).judge
    store = KioskStore.open_read_only(paths_of(options).data)
    identity = None if store is None else store.load_identity()
    if store is None or identity is None:
        return None
    now_s = read_at_s(options.at)
    visit_keys = tuple(identity.trust.keys("visit", now_s).values())
    return _remembering(Bench(Believed(visit_keys, identity.trust.bundle), identity.site, now_s), store)


def _remembering(bench: Bench, store: KioskStore) -> Judge:
    def judge(text: str) -> Judgement:
        judgement = bench.judge(text)
        claims = judgement.claims
        if judgement.verdict == "admit" and claims is not None and store.look_up(visit_digest(claims.visit)).used:
            return Judgement("refuse", Reason.ALREADY_USED.value, claims)
        return judgement

    return judge
