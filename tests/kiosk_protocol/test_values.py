"""What the protocol hands out does not change in anybody's hands."""

import kiosk_protocol
from tests.frozen import loose, positional, values_of


def test_every_value_is_frozen_and_has_slots() -> None:
    """Dataclasses and structs alike: nobody changes a claim after it was verified, or adds a member."""
    assert len(list(values_of(kiosk_protocol))) > 30
    assert loose(kiosk_protocol) == []


def test_every_struct_takes_its_members_by_name() -> None:
    """A document has many texts of one form; by place they could be exchanged."""
    assert positional(kiosk_protocol) == []
