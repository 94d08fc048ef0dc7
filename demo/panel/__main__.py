"""``python -m demo.panel LINK HAND``: the panel's process. Ends with its window, or when the demo hangs up."""

import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication

from demo.panel.lines import Lines
from demo.panel.looks import STYLE
from demo.panel.messages import Do, Wish
from demo.panel.placing import Area, place
from demo.panel.window import TITLE, PanelWindow

_FOLLOW = b'{"do": "follow"}\n'


def main() -> int:
    """Open the window and run until it is closed."""
    link_path, hand_path = (Path(argument) for argument in sys.argv[1:3])
    app = QApplication(["atrium-demo-panel"])
    app.setApplicationName(TITLE)
    app.setStyle("Fusion")
    app.setStyleSheet(STYLE)
    free = app.primaryScreen().availableGeometry()
    screen = Area(free.x(), free.y(), free.width(), free.height())
    panel = PanelWindow()
    _, area = place(screen)
    panel.setGeometry(area.x, area.y, area.width, area.height)
    hello = Wish(Do.HELLO, f"{screen.x},{screen.y},{screen.width},{screen.height}")
    demo = Lines(link_path, hello.line(), comes_back=False)
    demo.received.connect(panel.take_situation)
    demo.lost.connect(app.quit)
    panel.wished.connect(lambda wish: demo.send(wish.line()))
    kiosk = Lines(hand_path, _FOLLOW, comes_back=True)
    kiosk.received.connect(panel.take_note)
    panel.show()
    demo.connect_now()
    kiosk.connect_now()
    try:
        return app.exec()
    finally:
        kiosk.close()
        demo.close()


if __name__ == "__main__":
    sys.exit(main())
