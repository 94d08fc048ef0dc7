"""A plain table of the doctor's findings: mark, subject, sentence, and the code where there is something to look at."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from kiosk_app.core.health import Finding, HealthState, Subject
from kiosk_app.ui.texts.catalogue import Catalogue
from kiosk_app.ui.texts.staff import finding_words, staff_texts
from kiosk_app.ui.texts.words import Setting
from kiosk_app.ui.theme.look import Look, TypeSize
from kiosk_app.ui.widgets.labels import TextLabel
from kiosk_app.ui.widgets.state_mark import StateMark

_SIDE_DP, _LINE_GAP_DP, _COLUMN_GAP_DP = 14.0, 4.0, 10.0
_CAP = 1.2


_URGENCY = {HealthState.BAD: 0, HealthState.LOOK: 1, HealthState.OK: 2}


def by_urgency(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return the findings with what does not work first, otherwise in the doctor's order."""
    return tuple(sorted(findings, key=lambda finding: _URGENCY[finding.state]))


class FindingsTable(QWidget):
    """One row for each subject."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("facts")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._grid = QGridLayout(self)
        self._grid.setColumnStretch(1, 4)
        self._grid.setColumnStretch(2, 9)
        self._rows = [self._add_row(line) for line in range(len(Subject))]

    def apply_look(self, look: Look) -> None:
        """Size gaps and margins."""
        side, top = look.px(_SIDE_DP), look.px(_LINE_GAP_DP * 2)
        self._grid.setContentsMargins(side, top, side, top)
        self._grid.setHorizontalSpacing(look.px(_COLUMN_GAP_DP))
        self._grid.setVerticalSpacing(look.px(_LINE_GAP_DP))

    def show_findings(self, findings: tuple[Finding, ...], setting: Setting) -> None:
        """Show the findings; rows that are not known yet stay empty."""
        texts = staff_texts(setting.catalogue.language)
        for at, (mark, subject, sentence) in enumerate(self._rows):
            finding = findings[at] if at < len(findings) else None
            mark.setVisible(finding is not None)
            if finding is None:
                subject.setText("")
                sentence.setText("")
                continue
            mark.show_state(finding.state, texts.states[finding.state])
            subject.setText(texts.subjects[finding.subject])
            sentence.setText(_with_code(finding, setting))

    def _add_row(self, line: int) -> tuple[StateMark, TextLabel, TextLabel]:
        mark = StateMark()
        subject = TextLabel(TypeSize.CAPTION, bold=True, centred=False, cap=_CAP)
        sentence = TextLabel(TypeSize.CAPTION, centred=False, cap=_CAP)
        for place, widget in enumerate((mark, subject, sentence)):
            self._grid.addWidget(widget, line, place)
        return mark, subject, sentence


def _with_code(finding: Finding, setting: Setting) -> str:
    sentence, catalogue = finding_words(finding, setting), setting.catalogue
    return sentence if finding.state is HealthState.OK else f"{sentence} {_code(finding, catalogue)}"


def _code(finding: Finding, catalogue: Catalogue) -> str:
    return catalogue.isolate(finding.code.code)
