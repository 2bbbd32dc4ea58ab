"""The chapters of the course, one folder each, found by looking.

A folder `chNN` holds

- `__init__.py`: `CHAPTER`, the name of its page, its title, its place on the map;
- `claims.py`: `CLAIMS`, what the chapter must show, fixed before anything was measured;
- `tried.py`: `GAPS`, for each claim that does not hold yet the reason and what was tried;
- `questions.py`: `ITEMS`, the questions of its page;
- `measured/ID.json`: measurements too long for a page, made by `python -m dprior_lite measure ID`.

Only `__init__.py` must be there. Nothing else lists the chapters: a new folder is a new chapter.

A folder `draftNN` holds a chapter that waits for its networks, with its page as `page.md`. No list names it; it becomes
a chapter when it is renamed, its page moves to `book`, and `_toc.yml` names the page.
"""

from __future__ import annotations

import importlib.util
import pkgutil
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

from dprior_lite.course.chapters.chapter import Chapter
from dprior_lite.course.claims.claim import Claim
from dprior_lite.course.claims.rules import Ci, Control, KnownGap, Rule

__all__ = [
    "Chapter",
    "Ci",
    "Claim",
    "Control",
    "KnownGap",
    "Rule",
    "all_chapters",
    "chapter_of",
    "claim",
    "claims_of",
    "folder_of",
    "part",
]


@cache
def all_chapters() -> tuple[Chapter, ...]:
    """Return every chapter that has a folder, in order of number.

    Examples
    --------
    >>> [chapter.page for chapter in all_chapters()][:2]
    ['00_start_here', '01_miyasawa']
    """
    names = sorted(m.name for m in pkgutil.iter_modules(__path__) if m.ispkg and m.name.startswith("ch"))
    found = tuple(import_module(f"{__name__}.{name}").CHAPTER for name in names)
    wrong = [f"{name} says that its page is {c.page}" for name, c in zip(names, found) if name != f"ch{c.number}"]
    if wrong:
        raise ValueError(f"a chapter's folder and its page have one number: {'; '.join(wrong)}")
    return found


def chapter_of(page: str) -> Chapter | None:
    """Return the chapter of a page (`"01"` or `"01_miyasawa"`), None for a page that belongs to no chapter.

    Examples
    --------
    >>> chapter_of("01").prefix
    'mi'
    """
    return next((c for c in all_chapters() if page in (c.number, c.page)), None)


def folder_of(page: str) -> Path:
    """Return the folder of the chapter of a page.

    Examples
    --------
    >>> folder_of("01").name
    'ch01'
    """
    return Path(__file__).parent / f"ch{page[:2]}"


def part(page: str, name: str) -> ModuleType | None:
    """Return a module of a chapter's folder, such as `questions`; None where there is none."""
    chapter = chapter_of(page)
    full = f"{__name__}.ch{chapter.number}.{name}" if chapter else ""
    return import_module(full) if full and importlib.util.find_spec(full) else None


@cache
def claims_of(page: str) -> tuple[Claim, ...]:
    """Return the claims of one page, in the order of the scorecard.

    Parameters
    ----------
    page : str
        Name of the page, such as `"01_miyasawa"`.

    Returns
    -------
    tuple of Claim
        Each with its page and, where the chapter's `tried.py` names it, its known gap; empty for a page that claims
        nothing.

    Raises
    ------
    KeyError
        If `tried.py` names an id that is no claim of the chapter.

    Examples
    --------
    >>> [c.id for c in claims_of("01_miyasawa")]
    ['mi-1', 'mi-2', 'mi-3', 'mi-4', 'mi-5']
    >>> claims_of("00_start_here")
    ()
    """
    law, tried = part(page, "claims"), part(page, "tried")
    chapter = chapter_of(page)
    if law is None or chapter is None:
        return ()
    gaps = tried.GAPS if tried else {}
    unknown = sorted(set(gaps) - {row.id for row in law.CLAIMS})
    if unknown:
        raise KeyError(f"{tried.__name__} names {', '.join(unknown)}, which {law.__name__} does not state")
    return tuple(replace(row, page=chapter.page, known_gap=gaps.get(row.id)) for row in law.CLAIMS)


def claim(id: str) -> Claim:
    """Return the claim with this id.

    Parameters
    ----------
    id : str
        Such as `"mi-3"`.

    Raises
    ------
    KeyError
        If no page states it; the message lists the ids of the page it would belong to.

    Examples
    --------
    >>> print(*claim("mi-3").parts, sep="; ")
    closed_form at most 10⁻⁸; trained at most 0.15
    """
    prefixes = {c.prefix: c.page for c in all_chapters() if c.prefix}
    known = claims_of(prefixes.get(id.partition("-")[0], ""))
    for row in known:
        if row.id == id:
            return row
    near = ", ".join(c.id for c in known) or f"ids that begin with {', '.join(prefixes)}"
    raise KeyError(f"no claim {id!r} in dprior_lite.course.chapters; there are {near}")
