"""The references of datasets and methods: ``references.bib``, and how they are cited and listed."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

_ENTRY: Final = re.compile(r"@(\w+)\{([\w:-]+),\n(.*?)\n\}", re.DOTALL)
_FIELD: Final = re.compile(r"^  (\w+) = \{(.*)\},$", re.MULTILINE)
_ACCENTS: Final = {r"{\'e}": "é", r"{\"e}": "ë"}
_MOST_NAMED: Final = 2


@dataclass(frozen=True)
class Reference:
    """A published work."""

    key: str
    bibtex: str
    """The whole entry."""
    fields: Mapping[str, str]

    @property
    def cited(self) -> str:
        """How a text cites it: ``"He et al. 2016"``."""
        names = [author.partition(",")[0] for author in self._authors]
        shown = " and ".join(names) if len(names) <= _MOST_NAMED else f"{names[0]} et al."
        return f"{shown} {self.fields['year']}"

    @property
    def listed(self) -> str:
        """How a list of references has it."""
        turned = [" ".join(reversed(author.split(", "))) for author in self._authors]
        authors = ", ".join(turned) if len(turned) <= 7 else f"{', '.join(turned[:6])} et al."
        parts = [f"{authors} ({self.fields['year']})", self._text("title")]
        where = ("journal", "booktitle", "publisher", "institution", "howpublished")
        place = next((self._text(name) for name in where if name in self.fields), "")
        volume = self.fields.get("volume", "")
        number = f"({self.fields['number']})" if "number" in self.fields else ""
        pages = self.fields.get("pages", "").replace("--", "–")
        place += f" {volume}{number}" if volume else ""
        place += f", {pages}" if pages else ""
        parts += [place] if place else []
        if "doi" in self.fields:
            parts.append(f"https://doi.org/{self.fields['doi']}")
        elif "eprint" in self.fields:
            parts.append(f"arXiv:{self.fields['eprint']}")
        return ". ".join(parts).replace("?.", "?") + "."

    @property
    def _authors(self) -> list[str]:
        return self._text("author").split(" and ")

    def _text(self, name: str) -> str:
        text = self.fields[name]
        for accent, letter in _ACCENTS.items():
            text = text.replace(accent, letter)
        return text.replace("{", "").replace("}", "").replace("--", "–")


@cache
def references() -> dict[str, Reference]:
    """Return every reference by its key."""
    text = resources.files(__package__).joinpath("references.bib").read_text(encoding="utf-8")
    return {
        found[2]: Reference(found[2], found[0], dict(_FIELD.findall(found[3] + "\n")))
        for found in _ENTRY.finditer(text)
    }


def bibtex(keys: Iterable[str]) -> str:
    """Return the BibTeX of references."""
    return "\n\n".join(references()[key].bibtex for key in keys) + "\n"
