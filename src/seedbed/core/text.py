"""Text files of other systems."""

import codecs

from seedbed.core.errors import StudyError


def decoded(contents: bytes, where: str) -> str:
    """Return the text of a file, UTF-8 or UTF-16, without byte order mark and carriage returns.

    UTF-16 is recognized by its byte order mark, or by a null as one of the first two bytes.

    Args:
        contents: The bytes of the file.
        where: The file, as the user named it.

    Raises:
        StudyError: If it is in another encoding, or no text.
    """
    if contents.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif b"\0" in contents[:2]:
        encoding = "utf-16-le" if contents[1:2] == b"\0" else "utf-16-be"
    else:
        encoding = "utf-8-sig"
    try:
        return contents.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = contents[: error.start].count(b"\n") + 1
        raise StudyError(
            "not text in UTF-8 or UTF-16",
            where=f"{where}, line {line}",
            hint="save it with the encoding UTF-8",
        ) from None
