"""Make the pictures of the documents from the pages of the examples.

    python tools/pictures.py

writes PNG files to docs/pictures, drawn by EARMARK_TEST_BROWSER or a chromium on the PATH.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
PICTURES = PROJECT / "docs" / "pictures"

CASE = "examples/h100-redirect"
READINGS = ("no-room-before-july", "room-from-march", "room-at-once")
PAGES: Mapping[str, Sequence[str]] = {
    "h100-redirect": (
        CASE,
        "--without",
        "swap-december",
        *(word for name in READINGS for word in ("--reading", f"{CASE}/readings/{name}")),
    ),
    "quickstart": ("examples/quickstart",),
}
"""The pages to draw: the arguments of `earmark report`."""

WIDE, NARROW, A4 = (1120, 900), (390, 844), (794, 1123)


def main() -> int:
    """Make every page and its pictures; return the exit code."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder, started_browser() as browser:
        for name, arguments in PAGES.items():
            path = Path(folder) / f"{name}.html"
            command = [sys.executable, "-m", "earmark", "report", *arguments, "-o", str(path)]
            subprocess.run(command, cwd=PROJECT, check=True)
            for picture in draw(browser, path, PICTURES):
                print(picture.relative_to(PROJECT), f"{picture.stat().st_size // 1024} kB")
    return 0


def draw(browser: Any, page: Path, folder: Path) -> Iterator[Path]:
    """Yield the pictures of a page: its top in both themes and on a phone, and its print."""
    yield _shot(browser, page, folder / f"{page.stem}-light.png", WIDE, color_scheme="light")
    yield _shot(browser, page, folder / f"{page.stem}-dark.png", WIDE, color_scheme="dark")
    yield _shot(browser, page, folder / f"{page.stem}-phone.png", NARROW, color_scheme="light")
    yield _shot(browser, page, folder / f"{page.stem}-print.png", A4, media="print")


@contextmanager
def started_browser() -> Iterator[Any]:
    """Start a browser without a window; SystemExit if there is none."""
    from playwright.sync_api import sync_playwright

    named = os.environ.get("EARMARK_TEST_BROWSER")
    program = named or shutil.which("chromium") or shutil.which("google-chrome")
    if not program:
        raise SystemExit("no browser: set EARMARK_TEST_BROWSER or put chromium on the PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


def _shot(
    browser: Any,
    page: Path,
    picture: Path,
    size: tuple[int, int],
    media: str = "screen",
    **look: str,
) -> Path:
    width, height = size
    tab = browser.new_page(viewport={"width": width, "height": height}, **look)
    tab.emulate_media(media=media)
    tab.goto(page.as_uri())
    if media == "print":  # the margins that @page gives on paper
        tab.add_style_tag(content="body { padding: 10mm 12mm; }")
    tab.screenshot(path=picture)
    tab.close()
    return picture


if __name__ == "__main__":
    sys.exit(main())
