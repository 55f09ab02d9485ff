"""The page of a bake-off in Chromium: from a file, without a network, in light and dark."""

import io
import re

import numpy as np
import pytest
from browser_windows import DESKTOP, PHONE
from PIL import Image
from playwright.sync_api import expect

from experiments.comparison.report import write_report

pytestmark = pytest.mark.browser
MADE, TRUTH = 110, 250  # levels of the pictures of the first system, and of the truth
TABLET = {"viewport": {"width": 820, "height": 1180}, "color_scheme": "dark"}
DARK_DESKTOP = {**DESKTOP, "color_scheme": "dark"}


@pytest.fixture
def address(bakeoff, settings) -> str:
    return write_report(settings, bakeoff).as_uri()


def opened(open_page, window, address):
    """The page, in a window that is offline from the start; everything it asks for is noted."""
    page = open_page(window)
    page.context.set_offline(True)
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(address)
    return page


def level(element) -> float:
    """Mean of the middle of an element as it is shown, 0 to 255."""
    with Image.open(io.BytesIO(element.screenshot())) as shown:
        pixels = np.asarray(shown.convert("L"), dtype=float)
    height, width = pixels.shape
    return pixels[height // 4 : -height // 4, width // 4 : -width // 4].mean()


def names(page) -> list[str]:
    return [row.get_attribute("data-sort") for row in page.locator("#table tbody th").all()]


def contrast(page, selector: str) -> float:
    """Of the text of an element to the background behind it, as WCAG defines it."""
    return page.locator(selector).first.evaluate(
        """element => {
          const light = color => {
            const [r, g, b] = color.match(/[\\d.]+/g).map(value => value / 255)
              .map(value => value <= .04045 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4);
            return .2126 * r + .7152 * g + .0722 * b;
          };
          let behind = element;
          while (getComputedStyle(behind).backgroundColor === "rgba(0, 0, 0, 0)") {
            behind = behind.parentElement;
          }
          const style = getComputedStyle(element);
          const ink = style.fill !== "rgb(0, 0, 0)" ? style.fill : style.color;
          const [low, high] = [light(ink), light(getComputedStyle(behind).backgroundColor)]
            .sort((a, b) => a - b);
          return (high + .05) / (low + .05);
        }"""
    )


@pytest.mark.parametrize("window", [DESKTOP, DARK_DESKTOP, TABLET, PHONE])
def test_it_is_whole_without_a_network_and_fits_every_window(window, address, open_page):
    page = opened(open_page, window, address)
    page.locator("#setting").scroll_into_view_if_needed()
    page.wait_for_load_state("load")
    assert {url for url in page.asked if not url.startswith("data:")} == {address}
    assert page.evaluate("document.documentElement.scrollWidth") <= window["viewport"]["width"]
    for image in page.locator("img").all():
        image.scroll_into_view_if_needed()
        expect(image).to_have_js_property("complete", True)
        assert image.evaluate("image => image.naturalWidth") > 0
    charts = page.locator("svg.chart")
    assert charts.count() == 5
    for chart in charts.all():
        box = chart.bounding_box()
        assert box["width"] > 300 and box["height"] > 150
    dark = window["color_scheme"] == "dark"
    body = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", body))) < 200) == dark
    for selector in ("h1", ".soft", "small", "summary", "tr.oracle td", ".chart text.tick"):
        assert contrast(page, selector) >= 4.5, selector


def test_a_column_is_sorted_by_keyboard(address, open_page):
    page = opened(open_page, DESKTOP, address)
    button = page.get_by_role("button", name="Rank")
    page.keyboard.press("Tab")  # the region of the table
    for _ in range(4):
        page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.closest('th')?.innerText")
    assert focused.startswith("PSNR")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.locator("#table th[aria-sort=descending]")).to_have_count(1)
    best = names(page)
    assert best[0] == "Truth" and best[-1] == "Nearest gray"  # higher is better
    page.keyboard.press("Space")
    assert names(page) == best[::-1]
    expect(page.locator("#table th[aria-sort=ascending]")).to_have_count(1)
    button.focus()
    page.keyboard.press("Enter")
    ranked = names(page)
    assert set(ranked[:2]) == {"Good", "Copy"} and ranked[-1] == "Truth"  # which has no rank
    page.keyboard.press("Enter")
    assert names(page)[0] == "Nearest gray" and names(page)[-1] == "Truth"


def test_headings_stay_in_sight_and_names_in_charts_can_be_read(address, open_page):
    """In a low window, where the table of a few rows already scrolls; on a phone charts scroll."""
    page = opened(open_page, {**DESKTOP, "viewport": {"width": 800, "height": 400}}, address)
    region = page.locator("#results .scroll")
    region.evaluate("region => region.scrollTo(0, 10000)")
    assert region.evaluate("region => region.scrollTop") > 100
    headings = page.locator("#table thead th")
    for number, heading in enumerate(("System", "Rank")):
        found = headings.nth(number).bounding_box()
        assert found["y"] >= region.bounding_box()["y"] - 1
        top = page.evaluate(
            "([x, y]) => document.elementFromPoint(x, y).closest('th')?.innerText",
            [found["x"] + 20, found["y"] + found["height"] - 10],
        )
        assert top.startswith(heading)
    region.evaluate("region => region.scrollTo(10000, 10000)")
    assert headings.first.bounding_box()["x"] >= region.bounding_box()["x"] - 1
    phone = opened(open_page, PHONE, address)
    for name in phone.locator(".chart text").all():
        assert name.bounding_box()["height"] >= 10


def alone(page, section: str) -> set[str]:
    """Names of the lines in a section's charts that are not faded; empty if none is."""
    lines = page.locator(f"{section} .chart g:has(> title)").evaluate_all(
        "all => all.map(g => [g.querySelector('title').textContent, +getComputedStyle(g).opacity])"
    )
    assert len(lines) >= 6
    shown = {name for name, opacity in lines if opacity == 1}
    return set() if len(shown) == len({name for name, _ in lines}) else shown


def test_lines_of_a_system_are_shown_alone_by_mouse_and_keyboard(address, open_page):
    page = opened(open_page, DESKTOP, address)
    good, copy = page.locator("#curves .legend button").all()
    of_good, of_copy = {"Good, seed 1", "Good, seed 2"}, {"Copy"}
    assert alone(page, "#curves") == set()
    good.hover()
    assert alone(page, "#curves") == of_good and alone(page, "#errors") == set()
    page.mouse.move(0, 0)
    assert alone(page, "#curves") == set()
    page.get_by_role("region", name="Training over minutes").focus()
    for expected in (of_good, of_copy):
        page.keyboard.press("Tab")
        assert alone(page, "#curves") == expected
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")  # out of the legend: what was chosen stays
    assert alone(page, "#curves") == of_copy
    good.hover()
    assert alone(page, "#curves") == of_good
    good.click()
    page.mouse.move(0, 0)
    assert alone(page, "#curves") == of_good
    expect(copy).to_have_attribute("aria-pressed", "false")


def test_lines_of_a_system_are_shown_alone_by_a_tap_until_the_next(address, open_page):
    page = opened(open_page, PHONE, address)
    for section, name, lines in (
        ("#curves", "Good", {"Good, seed 1", "Good, seed 2"}),
        ("#errors", "Shipped", {"Shipped"}),
    ):
        button = page.locator(section).get_by_role("button", name=name)
        button.tap()
        page.locator("h1").tap()
        assert alone(page, section) == lines
        button.tap()
        assert alone(page, section) == set()


def test_the_truth_shows_on_hover_and_by_keyboard(address, open_page):
    page = opened(open_page, DESKTOP, address)
    # Do nothing stands before the systems.
    tile = page.locator("#wall tbody tr").first.locator("button.tile").nth(1)
    tile.scroll_into_view_if_needed()
    assert level(tile) == pytest.approx(MADE, abs=1)
    tile.hover()
    assert level(tile) == pytest.approx(TRUTH, abs=1)
    page.mouse.move(0, 0)
    assert level(tile) == pytest.approx(MADE, abs=1)
    page.locator("#wall button.tile[tabindex='0']").focus()
    page.keyboard.press("ArrowRight")
    expect(tile).to_be_focused()
    assert level(tile) == pytest.approx(TRUTH, abs=1)
    page.keyboard.press("ArrowDown")
    below = page.locator("#wall tbody tr").nth(1).locator("button.tile").nth(1)
    expect(below).to_be_focused()
    assert level(tile) == pytest.approx(MADE, abs=1)
    assert page.locator("#wall button.tile[tabindex='0']").count() == 1
    page.keyboard.press("Shift+Tab")
    expect(page.locator(".switch")).to_be_focused()
    page.keyboard.press("Enter")
    # The difference of both, three times as bright.
    assert level(tile) == pytest.approx(min(255, 3 * (TRUTH - MADE)), abs=2)


def test_the_truth_stays_after_a_tap_until_the_next(address, open_page):
    page = opened(open_page, PHONE, address)
    for tile in (
        page.locator("#wall tbody tr").first.locator("button.tile").nth(1),
        page.locator("#extremes button.tile").first,
    ):
        tile.scroll_into_view_if_needed()
        assert level(tile) == pytest.approx(MADE, abs=1)
        tile.tap()
        expect(tile).to_have_attribute("aria-pressed", "true")
        page.locator("h1").tap()  # focus goes, the truth stays
        assert level(tile) == pytest.approx(TRUTH, abs=1)
        tile.tap()
        page.evaluate("document.activeElement.blur()")
        assert level(tile) == pytest.approx(MADE, abs=1)
    box = page.locator("#wall button.tile").first.bounding_box()
    assert box["width"] >= 44 and box["height"] >= 44  # as large as a fingertip
