"""What the tour found: numbered screenshots and ``summary.md``, each line with what was expected and what was seen."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

_YES, _NO = "yes", "**no**"


class Screen(Protocol):
    """What a picture can be taken of: a kiosk's window, a browser."""

    def take_screenshot(self, path: Path) -> None:
        """Save what it shows as a PNG."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that had to be true, what was seen, and where: the window, the kiosk's store or the database."""

    witness: str
    expected: str
    seen: str
    holds: bool


@dataclass(slots=True)
class Step:
    """One step of the tour."""

    title: str
    findings: list[Finding] = field(default_factory=list)
    pictures: list[Path] = field(default_factory=list)
    quotes: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether it ended as it must: at least one finding, and every finding true."""
        return bool(self.findings) and all(finding.holds for finding in self.findings)


class Report:
    """Collects the steps and writes them down, also when the tour ends early."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._steps: list[Step] = []
        self._pictures = 0
        folder.mkdir(parents=True, exist_ok=True)
        for old in (*folder.glob("[0-9][0-9]-*.png"), folder / "summary.md"):
            old.unlink(missing_ok=True)

    @property
    def holds(self) -> bool:
        """Whether every step ended as it must."""
        return bool(self._steps) and all(step.holds for step in self._steps)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Begin a step; what is found until the next belongs to it."""
        step = Step(title)
        self._steps.append(step)
        print(f"\n{len(self._steps)}. {title}", flush=True)
        try:
            yield
        except Exception as error:
            self.found("tour", "the step can be walked to its end", str(error), holds=False)
            raise
        finally:
            self._write()

    def found(self, witness: str, expected: str, seen: object, *, holds: bool) -> None:
        """Note what one witness says."""
        self._steps[-1].findings.append(Finding(witness, expected, str(seen), holds))
        print(
            f"   {'ok  ' if holds else 'FAIL'} {witness}: {expected}" + ("" if holds else f" - seen: {seen}"),
            flush=True,
        )

    def quote(self, text: str) -> None:
        """Note a text word by word, such as an email."""
        self._steps[-1].quotes.append(text)

    def picture(self, screen: Screen, name: str) -> Path:
        """Take the next numbered screenshot and return where it lies."""
        self._pictures += 1
        path = self._folder.resolve() / f"{self._pictures:02d}-{name}.png"
        screen.take_screenshot(path)
        self._steps[-1].pictures.append(path)
        return path

    def _write(self) -> None:
        good = sum(step.holds for step in self._steps)
        lines = ["# The guided tour", "", f"{good} of {len(self._steps)} steps ended as they must.", ""]
        for number, step in enumerate(self._steps, 1):
            lines += [f"## {number}. {step.title}: {'as it must' if step.holds else 'NOT as it must'}", ""]
            lines += ["| | witness | expected | seen |", "|---|---|---|---|"]
            lines += [
                f"| {_YES if each.holds else _NO} | {each.witness} | {_cell(each.expected)} | {_cell(each.seen)} |"
                for each in step.findings
            ]
            lines += [line for text in step.quotes for line in ("", "```", *text.splitlines(), "```")]
            lines += ["", *(f"![{path.stem}]({path.name})" for path in step.pictures), ""]
        (self._folder / "summary.md").write_text("\n".join(lines))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
