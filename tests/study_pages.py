"""Steps through a study's pages in Chromium, and what its database then holds."""

import contextlib
import sqlite3

from playwright.sync_api import expect
from study_server import serving

from experiments.turing.study import database_of


@contextlib.contextmanager
def served(folder, open_page):
    """`serving`, until after the windows are closed: open pages ask for the next pictures."""
    with serving(folder) as running:
        yield running
        while open_page.contexts:
            open_page.contexts.pop().close()


def begin(page, place: str) -> None:
    """Consent, and go to the first pair."""
    page.goto(place)
    page.get_by_role("button", name="Begin").click()
    assert page.url.rstrip("/") == place  # not without consent
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="Start").click()


def wait_for_pair(page, number: int) -> None:
    """Wait until the pair, from 0, can be answered."""
    expect(page.locator("#progress")).to_have_js_property("value", number)
    expect(page.locator("button.picture:enabled")).to_have_count(2)


def words_of(page) -> str:
    """What a page says, its lines as one."""
    return " ".join(page.locator("main").inner_text().split())


def answers_in(folder) -> list[str]:
    connection = sqlite3.connect(database_of(folder))
    rows = connection.execute("SELECT picked FROM answers ORDER BY participant, trial").fetchall()
    connection.close()
    return [picked for (picked,) in rows]


def showings_in(folder) -> list[int]:
    """How often each pair of the only participant was shown."""
    connection = sqlite3.connect(database_of(folder))
    rows = connection.execute("SELECT showings FROM trials ORDER BY trial").fetchall()
    connection.close()
    return [showings for (showings,) in rows]
