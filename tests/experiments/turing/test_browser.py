"""A participant's way through the pages, in Chromium: on a desktop and on a phone."""

import httpx
import pytest
from browser_windows import DESKTOP, PHONE
from playwright.sync_api import expect
from study_pages import answers_in, begin, served, wait_for_pair, words_of
from study_participant import given, look_by_http

from experiments.turing.__main__ import main
from experiments.turing.study import Study

pytestmark = pytest.mark.browser
PAIRS = 8
NARROW = {"width": 600, "height": 800}


def test_a_participant_on_a_desktop(folder, open_page):
    """By mouse and keys, with a reload in the middle and a second window at the end."""
    with served(folder, open_page) as (place, summary, _):
        page = open_page(DESKTOP)
        loaded = []
        page.on("request", lambda request: loaded.append(request.url.rpartition("/")[2]))
        begin(page, place)
        link, picked = page.url, []
        for number in range(PAIRS):
            wait_for_pair(page, number)
            left, right = (page.locator("button.picture img").nth(n) for n in (0, 1))
            names = [each.get_attribute("src").rpartition("/")[2] for each in (left, right)]
            # The left one is asked for first, whichever is real.
            assert loaded.index(names[0]) < loaded.index(names[1])
            boxes = [each.bounding_box() for each in (left, right)]
            assert boxes[0]["width"] == boxes[1]["width"] and boxes[0]["y"] == boxes[1]["y"]
            if number == 2:
                page.keyboard.press("ArrowUp")  # beside each other neither is up
                page.keyboard.press("ArrowRight")
                picked.append("right")
            elif number == 3:
                page.set_viewport_size(NARROW)
                page.keyboard.press("ArrowLeft")  # one above the other neither is left
                page.keyboard.press("ArrowDown")
                picked.append("right")
                page.set_viewport_size(DESKTOP["viewport"])
            else:
                picked.append(["left", "right"][number % 2])
                (left, right)[number % 2].click()
            if number == 4:
                wait_for_pair(page, 5)
                page.reload()
                expect(page.get_by_role("heading")).to_have_text("Welcome back")
                assert page.get_by_label("your link").input_value() == link
                page.get_by_role("button", name="Start").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Thank you!")
        said = page.locator("main strong").inner_text()
        assert answers_in(folder) == picked
        other = open_page(DESKTOP)
        other.goto(link)
        expect(other.locator("main strong")).to_have_text(said)
        other.goto(place)  # the window knows a link only if consent was given in it
        expect(other.get_by_role("button", name="Begin")).to_be_visible()
        page.goto(place)
        expect(page.get_by_role("checkbox")).to_be_hidden()
        page.get_by_role("button", name="Start as someone else").click()
        expect(page.get_by_role("checkbox")).to_be_visible()
        page.goto(place)
        page.get_by_role("link", name="Continue where you left off").click()
        assert page.url == link
        page.goto(summary)
        expect(page.locator("tbody tr")).to_have_count(2)
    study = Study.open(folder)
    pairs = study.pairs_of(link.rpartition("/")[2])
    study.close()
    right = [one.real_side == two for one, two in zip(pairs, picked, strict=True) if one.system < 2]
    assert said == f"{sum(right)} of 6"


def test_a_participant_on_a_phone(folder, open_page):
    """Both pictures fit the screen one above the other, and a tap answers."""
    with served(folder, open_page) as (place, _, _):
        page = open_page(PHONE)
        page.goto(place)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        begin(page, place)
        for number in range(PAIRS):
            wait_for_pair(page, number)
            boxes = [page.locator("button.picture").nth(n).bounding_box() for n in (0, 1)]
            assert boxes[0]["y"] + boxes[0]["height"] <= boxes[1]["y"]
            for box in boxes:
                assert box["x"] >= 0 and box["x"] + box["width"] <= 390
                assert box["y"] >= 0 and box["y"] + box["height"] <= 844
            page.locator("button.picture").nth(number % 2).tap()
        expect(page.get_by_role("heading", level=1)).to_have_text("Thank you!")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.goto(place)
        way_on = page.get_by_role("link", name="Continue where you left off")
        expect(way_on).to_be_visible()
        assert way_on.bounding_box()["y"] < 200  # above what there is to read
    assert answers_in(folder) == ["left", "right"] * 4


@pytest.mark.parametrize("window", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("time_limit", [None, 60.0])
def test_participants_are_told_what_is_stored_and_can_have_it_deleted(
    tmp_path, prepare_study, open_page, window, time_limit
):
    """Before they agree, and on the last page, whose link is all that it takes."""
    folder = prepare_study(tmp_path / "study", time_limit=time_limit)
    shown = "when and how often" if time_limit else "how often"
    stored = (
        "This study stores your answers, how long each one takes, when you give it, "
        f"{shown} its pair is shown, and when you agree to take part: no name, no address. "
        "All of it may be published, but without dates and times of day. "
        "You can have all of it deleted"
    )
    with served(folder, open_page) as (place, _, _):
        page = open_page(window)
        page.goto(place)
        assert stored in words_of(page)
        whereto = "send your own link, which the next page and the last one show, to Ada <ada@"
        assert whereto in words_of(page)
        page.get_by_role("checkbox").check()
        page.get_by_role("button", name="Begin").click()
        page.wait_for_url(f"{place}/s/*")
        expect(page.get_by_label("your link")).to_have_value(page.url)
        assert "to have your answers deleted, keep this link" in words_of(page)
        with httpx.Client(timeout=60) as client:
            for trial in range(PAIRS):
                look_by_http(client, page.url)
                client.post(f"{page.url}/answers", json=given(trial)).raise_for_status()
        for _ in range(2):
            page.reload()
            expect(page.get_by_role("heading", level=1)).to_have_text("Thank you!")
            assert stored in words_of(page)
            assert "send your link, below, to Ada <ada@example.org>." in words_of(page)
            link = page.get_by_label("your link")
            (link.tap if window is PHONE else link.click)()
            selected = page.evaluate("getSelection().toString()")
            assert selected == page.url
            # All of it is seen, and nothing makes a phone scroll sideways.
            assert link.evaluate("box => box.scrollHeight <= box.clientHeight")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert len(answers_in(folder)) == PAIRS
        assert main(["forget", str(folder), selected]) == 0
        assert answers_in(folder) == []
        gone = page.request.get(selected)
        assert gone.status == 404 and "whose answers were deleted is unknown, too" in gone.text()
