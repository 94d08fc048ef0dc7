"""What must happen now and then whether or not anybody comes: save the floor of time, forget what is over."""

from typing import Protocol

from kiosk_app.core.ports import ClockStore
from kiosk_app.services.timekeeping import TimeKeeper


class CleanableStore(ClockStore, Protocol):
    """A store that can forget."""

    def clean(self, floor_s: int) -> None:
        """Forget used visits and acknowledged items whose time is over. Raises StoreError."""


def tidy(store: CleanableStore, keeper: TimeKeeper) -> None:
    """Save the floor and forget what is over by it. Writing shows whether the store still can.

    Raises:
        StoreError: it cannot.
    """
    floor_s = keeper.now().floor_s
    store.save_clock(keeper.memory())
    store.clean(floor_s)
