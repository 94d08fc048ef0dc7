"""What protects the key under which a kiosk's other secrets lie sealed."""

from enum import Enum, auto


class KeyProtection(Enum):
    """The place of the machine key."""

    CREDENTIAL = auto()
    """Handed over by the service manager, which can keep it sealed to this machine."""
    KEY_RING = auto()
    """Kept by the operating system for this user."""
    FILE = auto()
    """A file that other users of this machine cannot read: a copied disk holds it."""
