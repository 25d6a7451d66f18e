import pytest

from seedbed.core import errors
from seedbed.core.errors import DataError, MissingExtra, SeedbedError
from sentences import Sentence


def test_a_message_has_what_where_expected_and_hint() -> None:
    error = DataError(
        "label 12", where="train.npz", expected="0 to 9", hint="give class names for all labels"
    )
    assert str(error) == "train.npz: label 12; expected 0 to 9 (give class names for all labels)"
    assert str(DataError("no images")) == "no images"
    assert (error.what, error.where) == ("label 12", "train.npz")
    assert (error.expected, error.hint) == ("0 to 9", "give class names for all labels")


def test_a_message_is_one_line_for_any_input() -> None:
    assert str(SeedbedError("two\nlines", where="a\tb", expected="x\r\ny")) == (
        "a b: two lines; expected x y"
    )


def test_a_missing_extra_names_the_command_that_installs_it(sentence: Sentence) -> None:
    error = MissingExtra("parquet", "reading Parquet files")
    assert error.extra == "parquet"
    assert error.hint == "run: pip install 'seedbed[parquet]'"
    sentence(error)


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn: dict[str, str] = {}
    branch = ["SeedbedError"]
    assert errors.__doc__ is not None
    for line in errors.__doc__.splitlines():
        stem, mark, entry = line.partition("── ")
        if mark:
            depth = len(stem) // 4  # the docstring itself is indented by one level
            del branch[depth:]
            branch.append(entry.split()[0])
            drawn[branch[-1]] = branch[-2]
    real = {
        name: kind.__bases__[0].__name__
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and kind is not SeedbedError
    }
    assert drawn == real


@pytest.mark.parametrize("kind", [DataError, errors.NetworkError, errors.StoreError])
def test_every_error_is_caught_as_a_seedbed_error(kind: type[SeedbedError]) -> None:
    with pytest.raises(SeedbedError):
        raise kind("something")
