"""A page in a real browser: quiet, no network, two themes, narrow screens, one sheet of paper."""

import os
import shutil
from contextlib import ExitStack
from io import BytesIO

import pytest
from command import EXAMPLES as EXAMPLES_FOLDER
from command import run_earmark
from page_examples import EXAMPLES

from earmark.page import render_page

pytestmark = pytest.mark.browser

NAMES = ("EARMARK_TEST_BROWSER", "chromium", "chromium-browser", "google-chrome")


def find_browser() -> str | None:
    named = os.environ.get(NAMES[0])
    return named if named is not None else next(filter(None, map(shutil.which, NAMES[1:])), None)


@pytest.fixture(scope="module")
def browser():
    program = find_browser()
    if not program:
        pytest.skip(f"no browser: set {NAMES[0]} or put chromium on the PATH")
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with ExitStack() as stack:
        try:
            playwright = stack.enter_context(api.sync_playwright())
        except Exception as error:  # noqa: BLE001 - the driver may lack a library of the system
            pytest.skip(f"playwright does not start here: {error}; it wants libatomic1")
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(params=EXAMPLES)
def address(request, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(render_page(EXAMPLES[request.param]()), encoding="utf-8")
    return path.as_uri()


def opened(browser, address, *, width=1200, **options):
    """Open a page and note what it says and asks for."""
    tab = browser.new_page(viewport={"width": width, "height": 900}, **options)
    tab.said, tab.asked = [], []
    tab.on("console", lambda message: tab.said.append(message.text))
    tab.on("pageerror", lambda error: tab.said.append(str(error)))
    tab.on("request", lambda request: tab.asked.append(request.url))
    tab.goto(address)
    return tab


def test_a_page_is_quiet_and_asks_the_network_for_nothing(browser, address):
    """No console message; the only request is the file itself."""
    tab = opened(browser, address)
    assert [] == tab.said
    assert [address] == [url for url in tab.asked if not url.startswith("data:")]
    tab.close()


def test_light_and_dark_differ(browser, address):
    """The page follows the theme that the reader has chosen, drawings too."""
    pictures = set()
    for scheme in ("light", "dark"):
        tab = opened(browser, address, color_scheme=scheme)
        pictures.add(tab.screenshot())
        line = tab.query_selector("figure svg [stroke='var(--ink)']")
        if line:
            pictures.add(line.evaluate("line => getComputedStyle(line).stroke"))
        tab.close()
    assert len(pictures) in (2, 4)


@pytest.mark.parametrize("width", [320, 360, 800])
def test_no_page_is_wider_than_its_screen(browser, address, width):
    """Tables scroll in their own boxes; with everything unfolded too."""
    tab = opened(browser, address, width=width)
    tab.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    assert width >= tab.evaluate("document.documentElement.scrollWidth")
    tab.close()


def test_a_page_prints_on_one_sheet(browser, address):
    """The essentials fit one A4 page, whatever the book holds."""
    import pypdf

    tab = opened(browser, address)
    paper = pypdf.PdfReader(BytesIO(tab.pdf(prefer_css_page_size=True)))
    assert 1 == len(paper.pages)
    assert (210, 297) == tuple(
        round(float(side) / 72 * 25.4) for side in paper.pages[0].mediabox[2:]
    )
    tab.close()


def test_the_case_prints_on_one_sheet(browser, tmp_path):
    """The reported case under its three readings, with all its rows and sources."""
    case = EXAMPLES_FOLDER / "h100-redirect"
    names = ("no-room-before-july", "room-from-march", "room-at-once")
    readings = [word for name in names for word in ("--reading", case / "readings" / name)]
    path = tmp_path / "case.html"
    assert 0 == run_earmark("report", case, "--without", "swap-december", *readings, "-o", path)[0]
    test_a_page_prints_on_one_sheet(browser, path.as_uri())


def test_the_keyboard_reaches_what_scrolls_and_folds(browser, address):
    """Each step of the tab key shows where it is."""
    tab = opened(browser, address)
    for _ in range(tab.locator("a, summary, .scroll").locator("visible=true").count()):
        tab.keyboard.press("Tab")
        style = tab.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert "none" != style
    tab.close()
