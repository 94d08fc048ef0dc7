"""Times as people read them, and what a page says when the database is away."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kiosk_server.domain.roles import Role
from kiosk_server.services.failures import DatabaseUnreachableError
from kiosk_server.web.cookies import SESSION
from kiosk_server.web.render import ago, moment
from tests.kiosk_server.support import World
from tests.kiosk_server.web.browser import Browser, signed_in

NOW = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (3_599, "59 minutes ago"),
        (3_600, "1 hour ago"),
        (86_399, "23 hours ago"),
        (200_000, "2 days ago"),
    ],
)
def test_ago_says_enough(seconds: int, text: str) -> None:
    """One unit, the largest that is not zero; a clock that is ahead reads as now."""
    assert ago(NOW - timedelta(seconds=seconds), NOW) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (NOW, ">09:30<"),
        (NOW + timedelta(hours=15), ">Tue 3 Mar, 00:30<"),
        (NOW + timedelta(days=365), ">Tue 2 Mar 2027, 09:30<"),
        (None, "never"),
    ],
)
def test_times_are_the_sites_own(value: datetime | None, text: str) -> None:
    """The hour today by the site's clocks, otherwise with its day, in another year with that."""
    assert text in moment(value, "Europe/Vienna", NOW)


class Unreachable:
    """A database that is away."""

    @contextmanager
    def of(self, _: str) -> Iterator[Any]:
        raise DatabaseUnreachableError("refused")
        yield

    def __getattr__(self, name: str) -> Any:
        raise DatabaseUnreachableError(name)


def test_a_database_that_is_away_reads_as_a_sentence(world: World) -> None:
    """503 with a page, not a word of what was wrong, and the session stays for later."""
    kept = signed_in(world, Role.MEMBER).cookie
    away = replace(world, house=replace(world.house, archive=Unreachable()))
    browser = Browser(away)
    browser.client.cookies.set(SESSION, kept)
    answer = browser.get("/visits")
    assert answer.status_code == 503
    assert "The server cannot reach its database" in answer.text
    assert "refused" not in answer.text
    assert "set-cookie" not in answer.headers
