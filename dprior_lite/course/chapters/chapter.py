"""What a chapter says of itself, once: its page, its title, the beginning of its claims' ids, its place on the map."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Chapter:
    """One chapter of the course.

    Parameters
    ----------
    page : str
        Name of its page without ending, such as `"01_miyasawa"`; it begins with the number of the chapter.
    title : str
        Short title for the map.
    prefix : str
        Beginning of the ids of its claims, such as `"mi"`; empty for a chapter that claims nothing.
    column, row : int
        Place on the map; a chapter with a negative column is not on it.
    needs : tuple of str
        Numbers of the chapters that it builds on.
    """

    page: str
    title: str
    prefix: str = ""
    column: int = -1
    row: int = 0
    needs: tuple[str, ...] = ()

    @property
    def number(self) -> str:
        """Two digits."""
        return self.page[:2]
