from seedbed.core.suggestions import did_you_mean, unknown


def test_an_unknown_name_is_answered_with_the_nearest_and_with_all() -> None:
    message = unknown("dataset", "minst", ["digits", "mnist"])
    assert message == (
        "unknown dataset 'minst' (did you mean 'mnist'?); expected one of digits, mnist"
    )


def test_nothing_is_suggested_where_nothing_is_near() -> None:
    assert unknown("dataset", "xyz", ["digits"]) == "unknown dataset 'xyz'; expected one of digits"
    assert did_you_mean(12, iter(["digits"])) == ""
