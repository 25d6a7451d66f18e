"""Numbers and names in sentences."""

from seedbed.display.sentence import counted, enumerated, names, points, quoted


def test_words() -> None:
    assert quoted("a") == "“a”"
    assert [enumerated(list("abc"[:count])) for count in (1, 2, 3)] == [
        "a",
        "a and b",
        "a, b and c",
    ]
    assert names(list("abcd")) == "“a”, “b”, “c” and 1 more"
    assert (counted(1, "run"), counted(1200, "run")) == ("1 run", "1,200 runs")
    assert [points(each) for each in (0.0, 0.00001, -0.0123)] == [
        "0 percentage points",
        "less than 0.01 percentage points",
        "1.23 percentage points",
    ]
