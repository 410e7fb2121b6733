"""What is measured on a page that has come to rest: its width, and the rules of axe it breaks."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TWO_FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
AT_REST = """() => {
    const moves = (each) => each.playState === "running" && each.effect.getComputedTiming().endTime < 1e9;
    return document.readyState === "complete"
        && !document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling")
        && !document.getAnimations().some(moves);
}"""


def come_to_rest(page: Page) -> None:
    """Wait until frames were drawn, fragments have arrived and movements have ended."""
    page.evaluate(TWO_FRAMES)
    page.wait_for_function(AT_REST)
    page.evaluate(TWO_FRAMES)


def width(page: Page) -> int:
    """The width the page's content takes."""
    come_to_rest(page)
    return int(page.evaluate("document.documentElement.scrollWidth"))


def violations(page: Page) -> list[str]:
    """Each rule of axe the page breaks, with the first element that breaks it."""
    come_to_rest(page)
    found = Axe().run(page).response["violations"]
    return [f"{page.url} {each['id']}: {each['nodes'][0]['html'][:120]}" for each in found]
