"""``atrium-kiosk run``: the window, and the workers behind it."""

import argparse
import os
from pathlib import Path

from kiosk_app.bootstrap.memory import bound_memory
from kiosk_app.bootstrap.workers import Backstage
from kiosk_app.cli.exits import USAGE, complain
from kiosk_app.core.journey import SetupCodeChanged
from kiosk_app.settings import RunSettings, paths_from, read_moment_ms, read_window
from kiosk_app.store.instance_lock import InstanceLock
from kiosk_app.ui.application import WindowSettings, run_window
from kiosk_app.ui.journey_controller import JourneyController
from kiosk_app.ui.remote_hand import HandSocketError


def main(options: argparse.Namespace) -> int:
    """Open the window and run until it is closed or a signal asks to stop."""
    settings = _read(options)
    bound_memory()
    lock = InstanceLock(settings.paths.data)
    try:
        return _run(settings)
    except HandSocketError as error:
        complain(str(error))
        return USAGE
    finally:
        lock.release()


def _run(settings: RunSettings) -> int:
    backstage = Backstage(settings)
    late: list[str] = []
    size = None if settings.window is None else (settings.window.width_px, settings.window.height_px)

    def start(controller: JourneyController) -> None:
        backstage.supervisor.happened.connect(controller.on_event)
        backstage.supervisor.previewed.connect(controller.on_preview)
        if settings.setup_code:
            controller.on_event(SetupCodeChanged(settings.setup_code))
        backstage.supervisor.start()

    def stop() -> None:
        late.extend(backstage.supervisor.stop())

    window = WindowSettings(size=size, hand_socket=settings.hand)
    status = run_window(backstage.supervisor, backstage.now, window, start, stop)
    if late:
        # A thread that waits for a network that does not answer. Qt would abort over it; what matters is on the disk.
        os._exit(status)
    return status


def _read(options: argparse.Namespace) -> RunSettings:
    return RunSettings(
        paths=paths_from(options.data, options.key_folder, os.environ),
        built_at_ms=read_moment_ms(options.build_time),
        camera=options.camera,
        setup_code=options.setup_code,
        window=read_window(options.window),
        hand=None if options.hand is None else Path(options.hand),
    )
