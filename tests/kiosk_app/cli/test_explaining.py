"""``scan --explain``: a sentence for every cause, and a marked picture where staff asked for it."""

import json
from pathlib import Path

import numpy as np
import pytest

from kiosk_app.camera.diagnosis import Cause
from kiosk_app.camera.opencv import cv2
from kiosk_app.camera.pictures import Unreadable, read_colour
from kiosk_app.cli.explaining import READ, SENTENCES, SEVERAL
from kiosk_app.cli.main import main
from tests.kiosk_app.camera.made import on_canvas, packed, qr_picture


def explained(capsys: pytest.CaptureFixture[str], picture: np.ndarray, tmp_path: Path) -> dict[str, object]:
    """Scan a picture with ``--explain`` and return its answer line."""
    (tmp_path / "shown.png").write_bytes(packed(picture, ".png"))
    status = main(["scan", str(tmp_path / "shown.png"), "--data", str(tmp_path / "no"), "--explain", str(tmp_path)])
    assert status == 0
    answer: dict[str, object] = json.loads(capsys.readouterr().out)
    return answer


def has_green(path: object) -> bool:
    picture = read_colour(Path(str(path)))
    assert not isinstance(picture, Unreadable)
    return bool((picture[:, :, 1].astype(int) - picture[:, :, 0] > 60).any())


def test_every_cause_has_a_sentence() -> None:
    """A cause without words would end the command."""
    assert set(SENTENCES) == set(Cause)
    assert len(set(SENTENCES.values())) == len(Cause)


def test_a_code_that_is_read_is_marked(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Its outline stands in the picture beside the answer."""
    answer = explained(capsys, on_canvas(qr_picture("V1:HELLO")), tmp_path)
    assert (answer["text"], answer["cause"], answer["explanation"]) == ("V1:HELLO", None, READ)
    assert has_green(answer["marked"])


def test_a_code_that_is_not_read_is_explained(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A blurred one: why, and where it was seen."""
    picture = on_canvas(qr_picture("V1:" + "ABC12" * 30, module_px=6))
    answer = explained(capsys, np.asarray(cv2.blur(picture, (13, 13)), dtype=np.uint8), tmp_path)
    assert answer["text"] is None
    assert (answer["cause"], answer["explanation"]) == ("blurred", SENTENCES[Cause.BLURRED])
    assert has_green(answer["marked"])


def test_an_empty_picture_and_two_codes_are_explained(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Nothing to mark in the one, one code too many in the other."""
    answer = explained(capsys, np.full((480, 640), 120, dtype=np.uint8), tmp_path)
    assert answer["explanation"] == SENTENCES[Cause.NOTHING_THERE]
    assert not has_green(answer["marked"])
    both = np.hstack([qr_picture("V1:LEFT"), qr_picture("V1:RIGHT")])
    assert explained(capsys, both, tmp_path)["explanation"] == SEVERAL


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A sentence, and no traceback."""
    (tmp_path / "shown.png").write_bytes(packed(on_canvas(qr_picture("V1:HELLO")), ".png"))
    options = ["--data", str(tmp_path / "no"), "--explain", str(tmp_path / "nowhere")]
    assert main(["scan", str(tmp_path / "shown.png"), *options]) == 2
    assert "cannot be written" in capsys.readouterr().err
