"""Lost connections, reloads, second windows and time limits on a study's pages, in Chromium."""

import pytest
from browser_windows import DESKTOP
from playwright.sync_api import expect
from study_pages import answers_in, begin, served, showings_in, wait_for_pair, words_of
from study_server import serving

from experiments.turing.study import Study
from experiments.turing.summary import summary_of

pytestmark = pytest.mark.browser
PAIRS = 8


def test_an_answer_without_a_connection_is_sent_later_and_once(folder, open_page):
    with served(folder, open_page) as (place, _, _):
        page = open_page(DESKTOP)
        begin(page, place)
        wait_for_pair(page, 0)
        page.context.set_offline(True)
        page.locator("button.picture").nth(1).click()
        expect(page.locator("#problem")).to_contain_text("No connection")
        assert answers_in(folder) == []
        page.context.set_offline(False)
        wait_for_pair(page, 1)
        expect(page.locator("#problem")).to_be_empty()
        assert answers_in(folder) == ["right"]


def test_the_second_tap_of_a_double_tap_is_no_answer(folder, open_page):
    """A page that taps each pair a tenth of a second after it came answers none but by hand."""
    with served(folder, open_page) as (place, _, _):
        page = open_page(DESKTOP)
        begin(page, place)
        wait_for_pair(page, 0)
        page.evaluate(
            """const tap = () => document.querySelector("button.picture")?.click();
            new MutationObserver((changes) => changes.some((change) => change.addedNodes.length)
                && setTimeout(tap, 100)
            ).observe(document.getElementById("stage"), { childList: true, subtree: true })"""
        )
        page.locator("button.picture").nth(1).click()
        wait_for_pair(page, 1)
        page.wait_for_timeout(500)  # the second tap came long before
        assert answers_in(folder) == ["right"]
        wait_for_pair(page, 1)


def test_a_page_that_comes_back_from_the_browsers_memory_is_loaded_anew(folder, open_page):
    """Chromium keeps no page marked no-store there, so that its event alone is sent."""
    with served(folder, open_page) as (place, _, _):
        page = open_page(DESKTOP)
        begin(page, place)
        wait_for_pair(page, 0)
        page.locator("button.picture").nth(1).click()
        wait_for_pair(page, 1)
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: false }))")
        page.locator("button.picture").nth(1).click()
        wait_for_pair(page, 2)  # a page loaded for the first time stays
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
        expect(page.get_by_role("heading")).to_have_text("Welcome back")
        assert "You have answered 2 of 8 pairs" in words_of(page)


def test_a_tab_that_was_left_open_for_days_loses_no_answer(folder, open_page):
    with served(folder, open_page) as (place, _, _):
        page = open_page(DESKTOP)
        begin(page, place)
        wait_for_pair(page, 0)
        days = 3 * 86_400_000
        page.evaluate(f"const now = performance.now(); performance.now = () => now + {days}")
        page.locator("button.picture").nth(1).click()
        wait_for_pair(page, 1)
    assert answers_in(folder) == ["right"]
    study = Study.open(folder)
    (took,) = study.rows("SELECT milliseconds FROM answers")[0]
    study.close()
    assert days <= took < days + 86_400_000


def test_a_second_window_counts_and_a_reply_that_was_lost_does_not(folder, chromium):
    with serving(folder) as (place, _, _), chromium.new_context(**DESKTOP) as context:
        page, other = context.new_page(), context.new_page()
        begin(page, place)
        wait_for_pair(page, 0)
        lost = ["/answers"]

        def lose(route):
            reply = route.fetch()
            if lost:
                lost.pop()
                route.abort()
            else:
                route.fulfill(response=reply)

        page.route("**/answers", lose)
        page.locator("button.picture").nth(0).click()
        wait_for_pair(page, 1)
        assert lost == [] and showings_in(folder)[:3] == [1, 1, 0]
        other.goto(page.url)
        other.get_by_role("button", name="Start").click()
        for window in (page, other):
            wait_for_pair(window, 1)
        assert showings_in(folder)[:4] == [1, 2, 0, 0]
        for window in (page, other):
            window.locator("button.picture").nth(1).click()
            wait_for_pair(window, 2)
        assert showings_in(folder)[:4] == [1, 2, 2, 0]
    assert answers_in(folder) == ["left", "right"]


def test_the_page_goes_on_when_an_older_copy_of_the_study_was_put_back(folder, chromium):
    """The browser keeps pictures of which that copy does not know that they were sent."""
    with serving(folder) as (place, _, _), chromium.new_context(**DESKTOP) as context:
        page = context.new_page()
        begin(page, place)
        wait_for_pair(page, 0)
        page.locator("button.picture").nth(0).click()
        wait_for_pair(page, 1)
        page.wait_for_load_state("networkidle")  # the next one too is in the browser's cache
        study = Study.open(folder)
        study.rows("UPDATE trials SET left_sent = 0, right_sent = 0, showings = 0")
        for table in ("pages", "answers"):
            study.rows(f"DELETE FROM {table}")
        study.close()
        page.locator("button.picture").nth(0).click()
        for number in range(PAIRS):
            wait_for_pair(page, number)
            page.locator("button.picture").nth(1).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Thank you!")
    assert answers_in(folder) == ["right"] * PAIRS
    assert showings_in(folder) == [1] * PAIRS


def test_a_browser_that_stores_nothing_starts_once_and_goes_on_by_its_link(folder, open_page):
    refuse = """Object.defineProperty(window, "localStorage", {
        get() { throw new DOMException("Access is denied.", "SecurityError"); },
    })"""
    with served(folder, open_page) as (place, _, _):
        page = open_page(DESKTOP)
        page.add_init_script(refuse)
        begin(page, place)
        wait_for_pair(page, 0)
        page.locator("button.picture").nth(1).click()
        wait_for_pair(page, 1)
        page.goto(page.url)
        expect(page.get_by_role("heading")).to_have_text("Welcome back")
        page.goto(place)
        expect(page.get_by_role("button", name="Begin")).to_be_visible()
    study = Study.open(folder)
    assert study.rows("SELECT count(*) FROM participants")[0][0] == 1
    study.close()
    assert answers_in(folder) == ["right"]


def test_a_refusal_for_now_is_not_the_end_but_a_lost_link_is(folder, chromium):
    """What a limit on requests says is waited for, and the answer stored once."""
    refusals = [408, 425, 429]
    with serving(folder) as (place, _, _), chromium.new_context(**DESKTOP) as window:
        page = window.new_page()
        begin(page, place)
        wait_for_pair(page, 0)

        def limit(route):
            if not refusals:
                route.continue_()
            else:
                route.fulfill(status=refusals.pop(), headers={"Retry-After": "2"})

        page.route("**/answers", limit)
        page.locator("button.picture").nth(1).click()
        expect(page.locator("#problem")).to_contain_text("The server is busy. Trying again")
        assert refusals == [408, 425]  # it waits for as long as it was told
        wait_for_pair(page, 1)
        expect(page.locator("#problem")).to_be_empty()
        assert refusals == [] and answers_in(folder) == ["right"]
        study = Study.open(folder)
        study.forget(page.url.rpartition("/")[2])
        study.close()
        page.locator("button.picture").nth(0).click()
        expect(page.locator("#problem")).to_have_text("This link is no longer valid.")
        assert answers_in(folder) == []


def test_with_a_time_limit_pairs_whose_pictures_were_lost_on_the_way_do_not_count(
    tmp_path, prepare_study, chromium
):
    """Sent but lost, nobody saw them, nor a check among them; those not yet sent come later."""
    folder = prepare_study(tmp_path / "study", time_limit=1.0)
    trials, lost, unsent = {}, set(), set()

    def lose(route):
        name = route.request.url.rpartition("/")[2].removesuffix(".png")
        if trials[name] in lost:
            route.fetch()
        if trials[name] in lost or name in unsent:
            unsent.discard(name)
            route.abort()
        else:
            route.continue_()

    with serving(folder) as (place, _, _), chromium.new_context(**DESKTOP) as context:
        page = context.new_page()
        page.goto(place)
        page.get_by_role("checkbox").check()
        page.get_by_role("button", name="Begin").click()
        page.wait_for_url(f"{place}/s/*")
        study = Study.open(folder)
        pairs = study.pairs_of(page.url.rpartition("/")[2])
        for row in study.rows("SELECT trial, left_name, right_name FROM trials"):
            trials |= {row["left_name"]: row["trial"], row["right_name"]: row["trial"]}
        gray, quarter, check = ([pair.system for pair in pairs].index(n) for n in range(3))
        lost |= {gray, check}
        unsent |= {name for name, trial in trials.items() if trial == quarter}
        page.route("**/*.png", lose)
        page.get_by_role("button", name="Start").click()
        for number, pair in enumerate(pairs):
            wait_for_pair(page, number)
            shown = page.locator("button.picture img")
            assert shown.count() == (0 if number in lost else 2)
            picked = int((pair.real_side == "right") != (number in lost))
            page.locator("button.picture").nth(picked).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Thank you!")
        assert unsent == set()
        found = summary_of(study)
        study.close()
    again = [trial for trial, number in enumerate(showings_in(folder)) if number > 1]
    assert again == sorted(lost)
    assert found["participants"]["counted"] == 1
    rows = {row["name"]: (row["pairs"], row["rate"]) for row in found["systems"]}
    assert rows == {"gray": (2, 0.0), "quarter": (3, 0.0)}


def test_pictures_disappear_after_the_time_limit(tmp_path, prepare_study, open_page):
    folder = prepare_study(tmp_path / "study", time_limit=0.5)
    with served(folder, open_page) as (place, _, _):
        page = open_page(DESKTOP)
        begin(page, place)
        expect(page.locator("button.picture.over img").first).to_be_hidden()
        expect(page.locator("button.picture img").last).to_be_hidden()
        expect(page.locator("#time")).to_have_text("time is up")
        # Another window, and a reload, show the pair no more; it can be answered from memory.
        other = open_page(DESKTOP)
        other.goto(page.url)
        other.get_by_role("button", name="Start").click()
        expect(other.locator("button.picture.over:empty:enabled")).to_have_count(2)
        expect(other.locator("#time")).to_have_text("time is up")
        other.locator("button.picture").nth(0).click()
        expect(other.locator("#progress")).to_have_js_property("value", 1)
        expect(other.locator("button.picture.over img").first).to_be_hidden()
    assert answers_in(folder) == ["left"]
