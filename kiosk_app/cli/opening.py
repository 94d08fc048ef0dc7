"""The household of a command that works on a kiosk's folders without its window."""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager

from kiosk_app.bootstrap.household import Household
from kiosk_app.paths import Paths
from kiosk_app.settings import paths_from, read_moment_ms
from kiosk_app.store.instance_lock import InstanceLock
from kiosk_app.store.kiosk_store import KioskStore


def paths_of(options: argparse.Namespace) -> Paths:
    """Return the folders that the arguments and the environment name. Raises SettingsError."""
    return paths_from(options.data, options.key_folder, os.environ)


@contextmanager
def opened(options: argparse.Namespace) -> Iterator[tuple[Household, KioskStore]]:
    """Hold the folders for as long as the block runs. Raises KioskError."""
    paths = paths_of(options)
    lock = InstanceLock(paths.data)
    try:
        household = Household(paths, read_moment_ms(options.build_time))
        store = household.open_store()
        try:
            yield household, store
        finally:
            household.shared.live.close()
            store.close()
    finally:
        lock.release()
