"""Names that users gave, shown without doing anything."""

import pytest
from markdown_it import MarkdownIt

from seedbed.display.escape import latex, markdown, printable, spreadsheet, without_folders


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("mnist 99 % ± – 日本", "mnist 99 % ± – 日本"),
        ("red \x1b[31m", "red \\x1b[31m"),
        ("a\nb\tc\r\x00\x7f", "a\\x0ab\\x09c\\x0d\\x00\\x7f"),
        ("c1 \x9b31m", "c1 \\x9b31m"),
        ("\u202egnp.exe", "\\x202egnp.exe"),
        ("\udcff", "\\xdcff"),
    ],
)
def test_control_characters_are_shown_and_not_sent(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert printable(shown) == shown


def test_markdown_shows_text_as_it_is() -> None:
    assert markdown("a|b_c*d`e<f>\\") == r"a\|b\_c\*d\`e\<f\>\\"
    assert "\n" not in markdown("a\nb")


@pytest.mark.parametrize(
    "text",
    ["&lt;b&gt; & c", "1. a", "12) a", "- a", "+ a", "---", "==", "-", "2.", "-0.5", "1.5", "1-2"],
)
def test_markdown_neither_decodes_nor_begins_a_list(text: str) -> None:
    (_, inline, _) = MarkdownIt().parse(markdown(text))
    assert "".join(child.content for child in inline.children or ()) == text
    assert markdown("-0.5") == "-0.5"


def test_latex_sets_text_as_it_is() -> None:
    assert latex(r"50% & #1_a {b} $c$ ~^ \x") == (
        r"50\% \& \#1\_a \{b\} \$c\$ \textasciitilde{}\textasciicircum{} \textbackslash{}x"
    )
    assert latex("[UNK] | *") == r"{[}UNK] \textbar{} {*}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        (" =1+1", "' =1+1"),
        ("\t=1+1", "\\x09=1+1"),
        ("\r=1+1", "\\x0d=1+1"),
        ("a-b", "a-b"),
        ("", ""),
    ],
)
def test_spreadsheets_evaluate_no_text(text: str, shown: str) -> None:
    assert spreadsheet(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/home/me/photos: there is no such folder", "photos: there is no such folder"),
        ("/home/Jane Doe/My Photos/cat.png", "cat.png"),
        ('path = "/home/Jane Doe/cat.png"', 'path = "cat.png"'),
        ("a '/home/Jane Doe/cat.png', a '/b c/d'", "a 'cat.png', a 'd'"),
        ('path = "/photos"', 'path = "photos"'),
        ("'~/photos/cats'", "'cats'"),
        (r'path = "C:\\Users\\me\\photos"', 'path = "photos"'),
        ("D:/data/mnist", "mnist"),
        (r"\\server\share\mnist", "mnist"),
        ("/home/me/net.py:Net", "net.py:Net"),
        ("in /a/b and /c/d", "in b and d"),
    ],
)
def test_of_an_absolute_path_only_the_end_is_left(text: str, shown: str) -> None:
    assert without_folders(text) == shown
    assert without_folders(shown) == shown


@pytest.mark.parametrize(
    "text",
    ["cats/dogs", "../photos", "1/2 or 3 / 4", "https://example.org/a/b", "<b>a</b>", "./a/b"],
)
def test_other_slashes_stay(text: str) -> None:
    assert without_folders(text) == text
