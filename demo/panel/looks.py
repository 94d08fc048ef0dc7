"""How the panel looks: one style sheet, a neutral surface beside the kiosk's own colours, and the words' colours."""

from typing import Final

TEXT: Final = "#1c2320"
MUTED: Final = "#545d58"
GOOD: Final = "#1d7a47"
WAITING: Final = "#8a5700"
REFUSED: Final = "#a8412b"

FONT_PX: Final = 13

STYLE: Final = f"""
QWidget {{ color: {TEXT}; font-family: "Noto Sans"; font-size: {FONT_PX}px; }}
QWidget#panel, QDialog {{ background: #eceff0; }}
QFrame[card="true"] {{ background: #ffffff; border: 1px solid #d3d9db; border-radius: 8px; }}
QLabel {{ background: transparent; }}
QLabel[role="title"] {{ font-size: 17px; font-weight: 600; }}
QLabel[role="heading"] {{ font-weight: 600; }}
QLabel[role="muted"] {{ color: {MUTED}; }}
QLabel[role="small"] {{ color: {MUTED}; font-size: 11px; }}
QLabel[role="digits"] {{ font-size: 24px; font-weight: 600; color: #1f5f8b; }}
QLabel[state="good"] {{ color: {GOOD}; font-weight: 600; }}
QLabel[state="off"] {{ color: {REFUSED}; font-weight: 600; }}
QLabel[state="odd"] {{ color: {WAITING}; font-weight: 600; }}
QLabel#remark {{ background: #dfe9f0; border-radius: 6px; padding: 7px 10px; }}
QPushButton {{
    background: #f5f7f8; border: 1px solid #aeb8bc; border-radius: 6px; padding: 5px 10px; min-height: 20px;
}}
QPushButton:hover {{ background: #e6edf1; }}
QPushButton:pressed {{ background: #d5e0e7; }}
QPushButton:focus {{ border: 2px solid #1f5f8b; padding: 4px 9px; }}
QPushButton:disabled {{ color: #7b8488; background: #f0f2f3; border-color: #d3d9db; }}
QPushButton:checked {{ background: #1f5f8b; border-color: #1f5f8b; color: #ffffff; }}
QPushButton:checked:focus {{ border: 2px solid {TEXT}; }}
QPushButton[held="true"] {{ background: #d9ebf7; border: 2px solid #1f5f8b; padding: 4px 9px; }}
QPushButton[tile="true"] {{ padding: 0; min-height: 42px; text-align: left; }}
QPushButton[tile="true"]:focus, QPushButton[tile="true"][held="true"] {{ padding: 0; min-height: 40px; }}
QLabel[role="heading"]:disabled, QLabel[role="small"]:disabled {{ color: #6d767a; }}
QLineEdit {{
    background: #f5f7f8; border: 1px solid #d3d9db; border-radius: 6px; padding: 4px 8px;
    selection-background-color: #1f5f8b;
}}
QLineEdit:focus {{ border: 2px solid #1f5f8b; padding: 3px 7px; }}
QTableView {{
    background: #ffffff; border: 1px solid #d3d9db; border-radius: 8px; gridline-color: transparent;
    selection-background-color: #e6edf1; selection-color: {TEXT};
}}
QTableView::item {{ padding: 0 5px; border: none; }}
QTableView:focus {{ border: 2px solid #1f5f8b; }}
QHeaderView {{ background: transparent; border: none; }}
QHeaderView::section {{
    background: transparent; color: {MUTED}; border: none; border-bottom: 1px solid #d3d9db; padding: 6px 8px;
}}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 2px; }}
QScrollBar::handle:vertical {{ background: #b9c2c6; border-radius: 3px; min-height: 24px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; }}
"""
