"""What the rules are about does not change in anybody's hands."""

import kiosk_app.core
from tests.frozen import loose, values_of


def test_every_value_is_frozen_and_has_slots() -> None:
    """Facts, verdicts, events and screens cross threads: none can be changed there."""
    assert len(list(values_of(kiosk_app.core))) > 60
    assert loose(kiosk_app.core) == []
