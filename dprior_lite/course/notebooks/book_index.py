"""Where every label of the book stands, how the book numbers it, and what the bibliography says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

LABEL = re.compile(r"^\((?P<label>[\w-]+)\)=[ \t]*$", re.MULTILINE)
EQUATION = re.compile(r"\$\$(?P<body>(?:(?!\$\$).)+)\$\$[ ]*\((?P<label>[\w-]+)\)", re.DOTALL)
_HEADING = re.compile(r"^#{1,6} +(?P<text>.+?) *$", re.MULTILINE)


@dataclass(frozen=True)
class Place:
    """Where a label stands and what the book calls it: its page, and words such as `Fig. 1.2` or `(1.3)`."""

    page: str
    words: str


@dataclass
class BookIndex:
    """Labels, headings and references of the whole book.

    Parameters
    ----------
    handed_out : set of str
        Names of the pages that a link may lead to.
    places : dict of str to Place
        Every labelled section, equation and figure.
    headings : dict of str to list of str
        Headings of each page, in order.
    references : Mapping of str to Reference
        Entries of the bibliography.
    tables : Mapping of str to callable
        For a directive without content, such as `notation`, the function that writes it.
    """

    handed_out: set[str] = field(default_factory=set)
    places: dict[str, Place] = field(default_factory=dict)
    headings: dict[str, list[str]] = field(default_factory=dict)
    references: Mapping[str, Reference] = field(default_factory=dict)
    tables: Mapping[str, Callable[[], str]] = field(default_factory=dict)

    def add(self, page: str, text: str, figures: Iterable[str] = ()) -> None:
        """Enter the headings and labels of one page; equations and figures are numbered in order.

        Parameters
        ----------
        page : str
            Name of the page.
        text : str
            Its MyST.
        figures : iterable of str
            Names of its figures, in order.
        """
        self.headings[page] = [m["text"] for m in _HEADING.finditer(text)]
        for match in LABEL.finditer(text):
            heading = _HEADING.search(text, match.end())
            self.places[match["label"]] = Place(page, heading["text"] if heading else match["label"])
        for number, label in enumerate(_equations(text), start=1):
            self.places[label] = Place(page, f"({_chapter(page)}{number})")
        for number, name in enumerate(figures, start=1):
            self.places[name] = Place(page, f"Fig. {_chapter(page)}{number}")


@dataclass(frozen=True)
class Reference:
    """One entry of the bibliography: short authors, year, and the whole entry as Markdown."""

    authors: str
    year: str
    entry: str


def references(path: Path) -> dict[str, Reference]:
    """Return the entries of a BibTeX file by key.

    Raises
    ------
    FileNotFoundError
        If the file is not there.
    """
    from pybtex.database import parse_file

    return {key: _reference(entry) for key, entry in parse_file(str(path)).entries.items()}


def _reference(entry: object) -> Reference:
    """Return one entry of pybtex as authors, year and a line."""
    from pybtex.richtext import Text

    people = [" ".join(map(str, p.rich_last_names)) for p in entry.persons.get("author", [])] or ["anonymous"]
    short = people[0] if len(people) == 1 else " and ".join(people) if len(people) == 2 else f"{people[0]} et al."
    text = {name: str(Text.from_latex(value)) for name, value in entry.fields.items()}
    venue = next((text[name] for name in ("journal", "booktitle", "publisher", "howpublished") if name in text), "")
    address = text.get("url") or (f"https://doi.org/{text['doi']}" if "doi" in text else "")
    line = (
        f"{', '.join(people)} ({text.get('year', 'n.d.')}). {text.get('title', '')}. {f'*{venue}*.' if venue else ''}"
    )
    return Reference(short, text.get("year", "n.d."), f"{line.strip()}{f' <{address}>' if address else ''}")


def _equations(text: str) -> list[str]:
    """Return the labels of the equations of a page, in order."""
    found = [(m.start(), m["label"]) for m in EQUATION.finditer(text)]
    found += [(m.start(), m[1]) for m in re.finditer(r"^ *:label: *([\w-]+)", text, re.MULTILINE)]
    return [label for _, label in sorted(found)]


def _chapter(page: str) -> str:
    """Return `3.` for a page of chapter 3, nothing for a page that belongs to no chapter or to chapter 0."""
    return f"{int(page[:2])}." if page[:2].isdigit() and page[:2] != "00" else ""
