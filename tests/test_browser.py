"""The browser notices what a page should not do."""

from pathlib import Path

import pytest

from browser import (
    OpenPage,
    accessibility_violations,
    clipboard,
    draw_all,
    has_focus,
    open_details,
    sticking_out,
    wait_for_charts,
)

HEAD = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Test</title>
<meta name="viewport" content="width=device-width"></head><body><main><h1>Test</h1>"""


def _write(folder: Path, body: str) -> Path:
    file = folder / "a page.html"
    file.write_text(HEAD + body, encoding="utf-8")
    return file


def test_silent_page(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(_write(tmp_path, "<p>Nothing.</p><button>Do</button>"), width=390)
    assert accessibility_violations(page) == []
    assert sticking_out(page) == []
    page.keyboard.press("Tab")
    assert has_focus(page) == "<button></button>"
    page.evaluate("navigator.clipboard.writeText('copied')")
    assert clipboard(page) == "copied"


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("<script>console.error('oh')</script>", "console error: oh"),
        ("<script>console.warn('hm')</script>", "console warning: hm"),
        ("<script>throw new Error('broken')</script>", "error: broken"),
        ("<script>Promise.reject(new Error('later'))</script>", "error: later"),
        ("<img src='https://example.com/a.png'>", "request: https://example.com/a.png"),
        ("<img src='other.png'>", "request: file:"),
        ("<script>fetch('https://example.com/b')</script>", "request: https://example.com/b"),
        ("<script>new WebSocket('wss://example.com/c')</script>", "request: wss://example.com/c"),
    ],
)
def test_noticed(open_page: OpenPage, tmp_path: Path, body: str, complaint: str) -> None:
    page = open_page(_write(tmp_path, body))
    watch = open_page.watches[-1]
    page.wait_for_timeout(200)
    assert any(complaint in line for line in watch.complaints), watch.complaints
    watch.complaints.clear()


def test_settings(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(_write(tmp_path, ""), scheme="dark", reduced_motion=True, width=768)
    for query in ("prefers-color-scheme: dark", "prefers-reduced-motion: reduce", "width: 768px"):
        assert page.evaluate("each => matchMedia(`(${each})`).matches", query)


def test_sticking_out(open_page: OpenPage, tmp_path: Path) -> None:
    wide = "<div style='width: 800px; height: 9px'></div>"
    page = open_page(_write(tmp_path, wide), width=390)
    assert [line.split(":")[0] for line in sticking_out(page)][1:] == ["div"]
    page = open_page(_write(tmp_path, f"<p style='overflow: hidden'>{wide}"), width=390)
    assert sticking_out(page) != []
    page = open_page(_write(tmp_path, f"<section style='overflow: auto'>{wide}"), width=390)
    assert sticking_out(page) == []


def test_words_that_are_cut_off(open_page: OpenPage, tmp_path: Path) -> None:
    picture = """<svg width="100" height="20"><path d="M0,0L900,0" stroke="red"></path>
    <text x="{}" y="15" font-size="10">words</text></svg>"""
    page = open_page(_write(tmp_path, picture.format(20)))
    assert sticking_out(page) == []
    page = open_page(_write(tmp_path, picture.format(90)))
    assert sticking_out(page) == ['the text "words" is cut off']


def test_charts(open_page: OpenPage, tmp_path: Path) -> None:
    body = """<figure data-chart="first"></figure><div style="height: 3000px"></div>
    <figure data-chart="second"></figure>
    <details><summary>More</summary><figure data-chart="third"></figure></details>
    <script>
    const seen = new IntersectionObserver(all => all.forEach(each => {
        if (each.isIntersecting) setTimeout(() => { each.target.dataset.drawn = 'true'; }, 100);
    }));
    document.querySelectorAll('figure').forEach(each => {
        each.style.height = '50px';
        seen.observe(each);
    });
    </script>"""
    page = open_page(_write(tmp_path, body))
    assert page.locator("[data-drawn]").count() == 1
    assert draw_all(page) == ["first", "second"]
    assert open_details(page) == 1
    assert draw_all(page) == ["first", "second", "third"]


def test_chart_that_is_never_drawn(
    open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("browser.SECONDS", 0.3)
    page = open_page(_write(tmp_path, "<p>Nothing."))
    page.evaluate("document.querySelector('p').outerHTML = '<figure data-chart=a>A</figure>'")
    with pytest.raises(AssertionError, match=r"not drawn: \['a'\]"):
        wait_for_charts(page)


def test_accessibility(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(_write(tmp_path, "<input>"))
    assert [line.split(" ")[0] for line in accessibility_violations(page)] == ["label"]
