"""The questions of the course, from the chapters' folders; the page's boxes and the notebook's checks read the same."""

from __future__ import annotations

from dprior_lite.course.chapters import all_chapters, part
from dprior_lite.course.questions.kinds import Item

__all__ = ["Item", "find", "items", "pages"]


def pages() -> tuple[str, ...]:
    """Return the two-digit numbers of the chapters that have questions, in order."""
    return tuple(c.number for c in all_chapters() if part(c.page, "questions"))


def items(page: str) -> tuple[Item, ...]:
    """Return the questions of a page, named by its number or its file (`"01"`, `"01_miyasawa"`).

    Raises
    ------
    KeyError
        If the page has no questions.
    """
    module = part(page[:2], "questions")
    if module is None:
        raise KeyError(f"no questions for page {page!r}; pages with questions: {', '.join(pages())}")
    return module.ITEMS


def find(id: str) -> Item:
    """Return the question called `id`, of whatever page.

    Raises
    ------
    KeyError
        If there is none; the message lists all questions.
    """
    every = {item.id: item for page in pages() for item in items(page)}
    if id not in every:
        raise KeyError(f"no question called {id!r}; there are {', '.join(every)}")
    return every[id]
