"""The errors that users can meet, as one tree.

    SeedbedError
    ├── DataError             images or labels that cannot be used
    │   ├── UnreadableImage   images that cannot be decoded
    │   └── DownloadError     a published dataset that cannot be downloaded or verified
    ├── NetworkError          layers that do not fit each other, the image or the classes
    │   └── UnsupportedLayer  a layer that the chosen engine does not support
    ├── StudyError            a study file or an option that is invalid
    ├── StoreError            results that cannot be read or written
    │   └── StudyInUse        another process is working on the same study
    ├── ExecutionError        runs that could not be trained where they were sent
    └── MissingExtra          an optional dependency that is not installed

The command line prints the message of a :class:`SeedbedError` as one line and exits with status 2.
So it does for errors of the operating system and a lack of memory. Any other exception is a bug in
Seedbed: the command line exits with status 70, after one line that names the file with the
traceback. See :mod:`seedbed.cli.exit`.
"""


class SeedbedError(Exception):
    """What is wrong, where, what was expected and how to fix it, in one line.

    The arguments are kept as attributes; the message is
    ``"{where}: {what}; expected {expected} ({hint})"``, without the parts that are empty.

    Args:
        what: The problem, in lower case and without a period at the end.
        where: The file, line or field, as the user named it.
        expected: What would be valid.
        hint: How to fix it, as an instruction.
    """

    def __init__(self, what: str, *, where: str = "", expected: str = "", hint: str = "") -> None:
        self.what = what
        self.where = where
        self.expected = expected
        self.hint = hint
        message = f"{where}: {what}" if where else what
        if expected:
            message += f"; expected {expected}"
        if hint:
            message += f" ({hint})"
        super().__init__(" ".join(message.split()))

    def __reduce__(self) -> tuple[object, ...]:
        # Errors come from workers pickled; those with other arguments than a message, too.
        return type(self).__new__, (type(self), *self.args), self.__dict__


class DataError(SeedbedError):
    """Images or labels that cannot be used."""


class UnreadableImage(DataError):
    """Images that cannot be decoded, and that a dataset may be told to skip."""


class DownloadError(DataError):
    """A published dataset that cannot be downloaded, or whose checksum differs."""


class NetworkError(SeedbedError):
    """Layers that do not fit each other, the image or the classes."""


class UnsupportedLayer(NetworkError):
    """A layer that the chosen engine does not support."""


class StudyError(SeedbedError):
    """A study file or an option that is invalid."""


class StoreError(SeedbedError):
    """Results that cannot be read or written."""


class StudyInUse(StoreError):
    """Another process is working on the same study."""


class ExecutionError(SeedbedError):
    """Runs that could not be trained where they were sent."""


class MissingExtra(SeedbedError):
    """An optional dependency that is not installed.

    Args:
        extra: The extra of the package ``seedbed`` that installs it; kept as an attribute.
        needed_for: What needs it, as the start of a sentence.
    """

    def __init__(self, extra: str, needed_for: str) -> None:
        super().__init__(
            f"{needed_for} needs an optional dependency that is not installed",
            hint=f"run: pip install 'seedbed[{extra}]'",
        )
        self.extra = extra
