"""Tables as HTML: what heads what, and that no text can end an element."""

from seedbed.display.table import Report, Table
from seedbed.report.renderers import html


def test_cells_know_what_they_are() -> None:
    table = html.html_table(
        Table("A caption", ("name", "kind", "n"), ((("a", "b", "1"),),), ("A note.",), text=(0, 1))
    )
    assert [(cell.text, cell.number) for cell in table.header] == [
        ("name", False),
        ("kind", False),
        ("n", True),
    ]
    ((row,),) = table.groups
    assert row.head is not None
    assert (row.head.text, row.head.rows) == ("a", 1)
    assert [(cell.text, cell.number) for cell in row.cells] == [("b", False), ("1", True)]
    assert (table.caption, table.notes) == ("A caption", ("A note.",))


def test_a_head_spans_the_rows_that_leave_it_empty() -> None:
    rows = (("a", "1"), ("", "2"), ("", "3"), ("b", "4"), ("", "5"))
    table = html.html_table(Table("", ("name", "n"), (rows,)))
    (group,) = table.groups
    assert [row.head and (row.head.text, row.head.rows) for row in group] == [
        ("a", 3),
        None,
        None,
        ("b", 2),
        None,
    ]
    assert [row.cells[0].text for row in group] == ["1", "2", "3", "4", "5"]


def test_empty_groups_are_left_out() -> None:
    assert html.html_table(Table("", ("name",), ((), (("a",),)))).groups[0][0].head
    assert html.html_table(Table("", ("name",), ((),))).groups == ()


def test_texts_cannot_drive_the_readers_eyes() -> None:
    table = html.html_table(Table("a\u202eb", ("c\x1b",), ((("d\u2066",),),), ("e\x07",)))
    assert table.caption == "a\\x202eb"
    assert table.header[0].text == "c\\x1b"
    assert table.groups[0][0].head
    assert table.groups[0][0].head.text == "d\\x2066"
    assert table.notes == ("e\\x07",)


def test_names_are_shown_as_text() -> None:
    table = Table("<b>", ("a & b",), ((("</td>",),),), ("<script>",))
    text = html.render(Report((table,), (), (), None, ('"quoted"',)))
    for name in ("&lt;b&gt;", "a &amp; b", "&lt;/td&gt;", "&lt;script&gt;", "&quot;quoted&quot;"):
        assert name in text
    assert text.endswith("\n")
