"""Somebody at the dashboard: sees what the page shows, clicks what has a name, types into what has a label.

Everything goes through mouse and keyboard events of a real browser: what is covered cannot be clicked, what is hidden
is not found. Pages are judged by what is visible on them.
"""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement

from demo.browser.chromium import BrowserError
from demo.waiting import wait_until

FOUND_S: Final = 20.0
TAB, ENTER = Keys.TAB, Keys.ENTER


@dataclass(frozen=True, slots=True)
class Screen:
    """What the browser runs on: width and height of the page in CSS pixels, dots for each, finger or mouse."""

    width: int
    height: int
    scale: int
    is_phone: bool


LAPTOP: Final = Screen(1280, 800, 1, is_phone=False)
PHONE: Final = Screen(390, 844, 2, is_phone=True)


class Desk:
    """One person at one browser, on a laptop at first. Thread: one at a time.

    Attributes:
        fields: How many fields were typed into so far.
    """

    def __init__(self, driver: WebDriver, address: str) -> None:
        self._driver = driver
        self._address = address
        self.fields = 0
        self.use(LAPTOP)

    def use(self, screen: Screen) -> None:
        """Go on with the same page on another screen."""
        with _translated():
            self._driver.execute_cdp_cmd(
                "Emulation.setDeviceMetricsOverride",
                {
                    "width": screen.width,
                    "height": screen.height,
                    "deviceScaleFactor": screen.scale,
                    "mobile": screen.is_phone,
                },
            )

    def open(self, path: str) -> None:
        """Type an address, or follow a bookmark."""
        with _translated():
            self._driver.get(self._address + path)

    @property
    def path(self) -> str:
        """The page's address without the server's."""
        with _translated():
            return self._driver.current_url.removeprefix(self._address)

    def read(self) -> str:
        """Return what the page shows as text."""
        with _translated():
            return str(self._driver.execute_script("return document.body.innerText"))

    def says(self, *words: str) -> bool:
        """Whether the page shows all of ``words``."""
        shown = self.read()
        return all(word in shown for word in words)

    def wait_for(self, *words: str, seconds: float = FOUND_S) -> bool:
        """Whether the page came to show all of ``words`` in time."""
        return wait_until(lambda: self.says(*words), seconds)

    def click(self, name: str) -> None:
        """Click the link or button of this name."""
        with _translated():
            self._find("a, button", name).click()

    def fill(self, label: str, text: str) -> None:
        """Click into the field with this label and type; what stands in it is replaced."""
        with _translated():
            self._find("input", label).click()
            select_all = ActionChains(self._driver).key_down(Keys.CONTROL).send_keys("a").key_up(Keys.CONTROL)
            select_all.perform()
            self.type(text)

    def type(self, text: str, *keys: str) -> None:
        """Type into the field that has the focus, then press ``keys``."""
        with _translated():
            ActionChains(self._driver).send_keys(text, *keys).perform()
        self.fields += 1

    def press(self, *keys: str) -> None:
        """Press keys, wherever the focus is."""
        with _translated():
            ActionChains(self._driver).send_keys(*keys).perform()

    def step_back(self) -> None:
        """Move the focus to the stop before."""
        with _translated():
            ActionChains(self._driver).key_down(Keys.SHIFT).send_keys(TAB).key_up(Keys.SHIFT).perform()

    def bring_into_view(self, name: str) -> None:
        """Scroll until the picture of this name is in the middle of the screen."""
        with _translated():
            picture = self._find("img", name)
            self._driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", picture)

    def names(self, selector: str) -> list[str]:
        """Return what is written on the elements that ``selector`` names."""
        with _translated():
            return [element.text for element in self._driver.find_elements(By.CSS_SELECTOR, selector)]

    def times(self) -> list[str]:
        """Return the full times on the page, as their machine-readable form says them, in the page's order."""
        with _translated():
            script = "return [...document.querySelectorAll('main time')].map((time) => time.dateTime)"
            return [str(each) for each in self._driver.execute_script(script)]

    def mark(self) -> None:
        """Leave a mark in the page that a reload would wipe out."""
        with _translated():
            self._driver.execute_script("window.marked = true")

    def is_marked(self) -> bool:
        """Whether the page was not loaded anew since it was marked."""
        with _translated():
            return bool(self._driver.execute_script("return window.marked === true"))

    def take_screenshot(self, path: Path) -> None:
        """Save what the screen shows as a PNG."""
        with _translated():
            answer = self._driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
        path.write_bytes(base64.b64decode(answer["data"]))

    def _find(self, selector: str, name: str) -> WebElement:
        found: list[WebElement] = []

        def is_there() -> bool:
            try:
                shown = [
                    (element, element.accessible_name.strip())
                    for element in self._driver.find_elements(By.CSS_SELECTOR, selector)
                    if element.is_displayed()
                ]
            except StaleElementReferenceException:
                # The page refreshed itself while we looked.
                return False
            # A name may go on with a count or with whom it is about.
            exact = [element for element, called in shown if called == name]
            found[:] = exact or [element for element, called in shown if called.startswith(f"{name} ")]
            return bool(found)

        if not wait_until(is_there, FOUND_S):
            raise BrowserError(f"there is no {name!r} on {self.path}; it shows: {self.read()[:400]}")
        return found[0]


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except WebDriverException as error:
        raise BrowserError(f"{type(error).__name__}: {error.msg}") from error
