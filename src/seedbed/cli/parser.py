"""The parser of the command line, whose mistakes are one line as everywhere in Seedbed."""

import argparse
from collections.abc import Sequence
from typing import Any, Final, NoReturn

from seedbed.core.suggestions import nearest, plain, unknown
from seedbed.display.escape import printable

_NUMBERS: Final[dict[object, str]] = {int: "a whole number", float: "a number"}
VERSION: Final = "seedbed --version"


class Parser(argparse.ArgumentParser):
    """Says what is wrong, and what was meant, in one line. Options cannot be abbreviated."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_abbrev": False, **options})

    def error(self, message: str) -> NoReturn:
        """Exit with status 2."""
        self.exit(2, f"{self.prog}: error: {printable(message)} (see {self.prog} --help)\n")

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str], namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse the arguments, and end with an error if there is one too many."""
        parsed, rest = super().parse_known_args(args, namespace)
        option = next((word for word in rest if word.startswith("-")), None)
        if option is not None:
            after = [*args, ""][args.index(option) + 1]
            self.error(self._unknown_option(option, after))
        if rest:
            self.error(f"unexpected argument {rest[0]!r}; expected {self._usage()!r}")
        return parsed, rest

    def _get_value(self, action: argparse.Action, arg_string: str) -> Any:
        try:
            return super()._get_value(action, arg_string)
        except argparse.ArgumentError:
            if action.type not in _NUMBERS:
                raise
            message = f"{arg_string!r} cannot be used; expected {_NUMBERS[action.type]}"
            raise argparse.ArgumentError(action, message) from None

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            named = action if action.option_strings else None
            kind = "value" if named else "action"
            raise argparse.ArgumentError(named, unknown(kind, value, map(str, action.choices)))

    def _unknown_option(self, option: str, after: str) -> str:
        """Return the message about an option that the command does not have.

        Args:
            option: The word that was typed.
            after: The word after it.
        """
        name, _, value = option.partition("=")
        value = value or (after if after and not after.startswith("-") else "VALUE")
        own = [action.option_strings[-1] for action in self._actions if action.option_strings]
        meant = nearest(name, [*own, *self._settings(own)])
        meant = [word if word in own else f"--set {word}={value}" for word in meant]
        if plain(name) == "version":
            meant = [VERSION]
        elif not meant and nearest(name, self._positional_names()):
            meant = [self._usage()]
        suggestion = f" (did you mean {' or '.join(map(repr, meant))}?)" if meant else ""
        return f"unknown option {name!r}{suggestion}; expected one of {', '.join(own)}"

    def _settings(self, options: Sequence[str]) -> list[str]:
        """Return the settings of a study, where the command can set them."""
        if "--set" not in options:
            return []
        from seedbed.study.spec.problems import all_settings  # importing pydantic takes a while

        return [name for name in all_settings() if f"--{name}" not in options]

    def _positional_names(self) -> list[str]:
        return [str(action.metavar or action.dest) for action in self._get_positional_actions()]

    def _usage(self) -> str:
        return " ".join([self.prog, *self._positional_names()])


class _ShowVersion(argparse.Action):
    def __init__(self, **options: Any) -> None:
        super().__init__(nargs=0, help="show the version and exit", **options)

    def __call__(self, parser: argparse.ArgumentParser, *_: object, **__: object) -> NoReturn:
        # Reading the metadata takes longer than the rest of a command's start.
        from importlib import metadata

        print("seedbed", metadata.version("seedbed"))
        parser.exit()


def main_parser() -> Parser:
    """Return the parser of ``seedbed`` without its commands."""
    parser = Parser(
        prog="seedbed",
        description="Controlled studies of image classifiers: many seeds, error bars, and the "
        "images behind the errors.",
        epilog="Begin with: seedbed run quickstart",
    )
    parser.add_argument("--version", action=_ShowVersion)
    return parser
