"""Pages in headless Chromium: opened from a file, watched for errors and for requests.

``open_page`` is the fixture that tests use. What it opens may ask nobody for anything and may not
complain, or the test fails at its end. The browser is Debian's, because the one that Playwright
would download lacks what a bare machine lacks.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Request, Route

PHONE = 600
"""Narrower windows are those of a phone: without a mouse, obeying the page's viewport tag."""
SECONDS = 20.0
"""How long anything on a page may take before a test gives up."""
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def chromium() -> Iterator["Browser"]:
    """The browser, one for all tests; they are skipped where there is none."""
    api = pytest.importorskip(
        "playwright.sync_api", reason="to test pages in a browser: make install"
    )
    with api.sync_playwright() as playwright:
        yield launch(playwright)


def launch(playwright: Any) -> "Browser":
    """Start Chromium; the test is skipped where it is not installed."""
    executable = shutil.which("chromium")
    if executable is None:
        pytest.skip("to test pages in a browser: apt-get install chromium")
    # Ctrl-C is pytest's, which closes the browser; one that dies at once would only add errors.
    return cast(
        "Browser",
        playwright.chromium.launch(
            executable_path=executable, args=list(ARGUMENTS), handle_sigint=False
        ),
    )


@pytest.fixture
def open_page(chromium: "Browser") -> Iterator["OpenPage"]:
    """A function that opens a page; the test fails if the page complains or asks for anything."""
    opener = OpenPage(chromium)
    try:
        yield opener
    finally:
        opener.close()
    complaints = [line for watch in opener.watches for line in watch.complaints]
    if complaints:
        pytest.fail("the page was not silent:\n" + "\n".join(complaints), pytrace=False)


class OpenPage:
    """What the fixture :func:`open_page` is."""

    def __init__(self, chromium: "Browser") -> None:
        self._chromium = chromium
        self.watches: list[Watch] = []
        """One a page, in the order of opening."""

    def __call__(
        self,
        file: Path,
        *,
        width: int = 1440,
        height: int = 900,
        scheme: Literal["light", "dark"] = "light",
        reduced_motion: bool = False,
        javascript: bool = True,
    ) -> "Page":
        """Open a file in a window of its own, and wait until the charts in view are drawn."""
        phone = width < PHONE
        context = self._chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            reduced_motion="reduce" if reduced_motion else "no-preference",
            java_script_enabled=javascript,
            is_mobile=phone,
            has_touch=phone,
            service_workers="block",
            permissions=["clipboard-read", "clipboard-write"],
        )
        context.set_default_timeout(1000 * SECONDS)
        watch = Watch(context, file.resolve().as_uri())
        self.watches.append(watch)
        page = context.new_page()
        page.goto(watch.address)
        if javascript:
            wait_for_charts(page)
        return page

    def close(self) -> None:
        """Close all windows."""
        for watch in self.watches:
            watch.context.close()


class Watch:
    """Remembers what the pages of a browser context complain about and ask for."""

    def __init__(self, context: "BrowserContext", address: str) -> None:
        self.context = context
        self.address = address
        """The only one that may be asked for."""
        self.complaints: list[str] = []
        context.route("**/*", self._route)
        context.on("weberror", lambda error: self._note("error", error.error))
        context.on("console", lambda said: self._console(said.type, said.text))
        context.on("request", self._request)
        context.on("page", self._page)

    def _page(self, page: "Page") -> None:
        page.on("websocket", lambda socket: self._note("request", socket.url))
        page.on("crash", lambda _: self._note("error", "the page crashed"))

    def _route(self, route: "Route") -> None:
        if self._allowed(route.request.url):
            route.continue_()
        else:
            route.abort()

    def _request(self, request: "Request") -> None:
        if not self._allowed(request.url):
            self._note("request", request.url)

    def _allowed(self, address: str) -> bool:
        inside = address.startswith(("data:", "blob:", "about:"))
        return inside or address.partition("#")[0] == self.address

    def _console(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self._note(f"console {kind}", text)

    def _note(self, kind: str, what: object) -> None:
        self.complaints.append(f"  {kind}: {str(what)[:1000]}")


def wait_for_charts(page: "Page") -> None:
    """Wait until every chart in view, outside of what is collapsed, has been drawn."""
    try:
        page.wait_for_function(f"() => ({_WAITING})().length === 0")
    except _timeout() as error:
        raise AssertionError(f"not drawn: {page.evaluate(_WAITING)}") from error


def draw_all(page: "Page") -> list[str]:
    """Scroll through the page until all charts are drawn; return their names, from top to bottom.

    What is collapsed stays so; :func:`open_details` opens it.
    """
    charts = page.locator("figure[data-chart]:visible")
    names: list[str] = []
    for number in range(charts.count()):
        chart = charts.nth(number)
        chart.evaluate("each => each.scrollIntoView({block: 'center', behavior: 'instant'})")
        wait_for_charts(page)
        names.append(chart.get_attribute("data-chart") or "")
    page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    return names


def open_details(page: "Page") -> int:
    """Open everything that is collapsed, what lies within too; return how much it was."""
    opened = 0
    while count := int(page.evaluate(_OPEN_DETAILS)):
        opened += count
        page.wait_for_timeout(50)  # the page renders what is within when told of the opening
    return opened


def accessibility_violations(page: "Page", options: dict[str, Any] | None = None) -> list[str]:
    """Return what axe-core finds wrong in what can be seen now: one line an element.

    Args:
        page: The page.
        options: Of ``axe.run``; by default all rules.

    """
    axe = pytest.importorskip("axe_playwright_python.base", reason="make install")
    page.evaluate(axe.AXE_SCRIPT)
    found = page.evaluate(
        "options => axe.run(document, options)", {"resultTypes": ["violations"], **(options or {})}
    )
    return [
        f"{violation['id']} ({violation['impact']}): {violation['help']}: "
        f"{node['target']} {node['html'][:200]} {_messages(node)}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def sticking_out(page: "Page") -> list[str]:
    """Return what makes the page scroll sideways, or is cut off at the edge of the window.

    Empty where the page is as wide as the window. What scrolls within a container of its own may
    be as wide as it likes.
    """
    viewport = page.viewport_size
    assert viewport is not None
    found: list[str] = page.evaluate(_STICKING_OUT, viewport["width"])
    return found


def has_focus(page: "Page") -> str:
    """Return the element that has the keyboard, as its opening tag."""
    found: str = page.evaluate("document.activeElement.cloneNode(false).outerHTML")
    return found


def clipboard(page: "Page") -> str:
    """Return the text that has been copied."""
    found: str = page.evaluate("navigator.clipboard.readText()")
    return found


def _messages(node: dict[str, Any]) -> str:
    checks = node.get("any", []) + node.get("all", []) + node.get("none", [])
    return "; ".join(check["message"] for check in checks)


def _timeout() -> type[Exception]:
    api: Any = pytest.importorskip("playwright.sync_api")
    error: type[Exception] = api.TimeoutError
    return error


_WAITING = """() => [...document.querySelectorAll('figure[data-chart]')].filter(each => {
    const box = each.getBoundingClientRect();
    const seen = each.checkVisibility() && box.width > 0 && box.bottom > 0 && box.right > 0
        && box.top < innerHeight && box.left < innerWidth;
    return seen && each.dataset.drawn !== 'true';
}).map(each => each.dataset.chart)"""

_OPEN_DETAILS = """() => {
    const closed = document.querySelectorAll('details:not([open])');
    closed.forEach(each => { each.open = true; });
    return closed.length;
}"""

_STICKING_OUT = """width => {
    const page = document.documentElement;
    const name = each => each.tagName.toLowerCase() + (each.id ? '#' + each.id : '')
        + [...each.classList].map(one => '.' + one).join('');
    const scrolls = each => /auto|scroll/.test(getComputedStyle(each).overflowX);
    const forScreenReaders = each => /hidden|clip/.test(getComputedStyle(each).overflowX)
        && each.getBoundingClientRect().width <= 2;
    const found = [];
    if (page.scrollWidth > width || document.body.scrollWidth > width) {
        found.push(`the page is ${page.scrollWidth} px wide, the window ${width} px`);
    }
    for (const each of document.body.querySelectorAll('*')) {
        const box = each.getBoundingClientRect();
        if (!each.checkVisibility({visibilityProperty: true}) || box.width === 0) continue;
        if (each.ownerSVGElement) {
            // A picture is clipped at its edges, which only its words should not be.
            const edges = each.ownerSVGElement.getBoundingClientRect();
            const cut = box.left < edges.left - 1 || box.right > edges.right + 1
                || box.top < edges.top - 1 || box.bottom > edges.bottom + 1;
            const words = each.tagName === 'text' && !each.closest('[clip-path]');
            if (words && each.textContent && cut) {
                found.push(`the text ${JSON.stringify(each.textContent)} is cut off`);
            }
            continue;
        }
        const [left, right] = [box.left + scrollX, box.right + scrollX];
        if ((right <= width + 1 && left >= -1) || right <= 0 || box.bottom + scrollY <= 0) continue;
        let within = each.parentElement;
        while (within !== page && !scrolls(within) && !forScreenReaders(within)) {
            within = within.parentElement;
        }
        if (within === page) {
            found.push(`${name(each)}: ${Math.round(left)} to ${Math.round(right)} px`);
        }
    }
    return found;
}"""
