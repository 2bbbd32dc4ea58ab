"""The three sizes a page or a training can have: `ci`, `class` (the default) and `full`.

A profile changes sizes only (images, steps, seeds), never a network on shipped weights, a
threshold, or what a figure shows. `DPRIOR_PROFILE` is read here and nowhere else.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

PROFILES = ("ci", "class", "full")
VARIABLE = "DPRIOR_PROFILE"


@dataclass(frozen=True)
class Profile:
    """A page's size.

    Parameters
    ----------
    name : {"ci", "class", "full"}
        `ci`: at most 60 s a page on two CPU cores; `class`: at most 5 minutes on a laptop;
        `full`: a recipe's whole step count.

    Raises
    ------
    ValueError
        If `name` is none of the three.

    Examples
    --------
    >>> Profile("ci").pick(ci=100, class_=2000, full=50_000)
    100
    """

    name: str

    def __post_init__(self) -> None:
        if self.name not in PROFILES:
            raise ValueError(f"profile {self.name!r} is unknown: set {VARIABLE} to one of {', '.join(PROFILES)}")

    def __str__(self) -> str:
        return self.name

    def pick(self, *, ci: T, class_: T, full: T) -> T:
        """Return the value that belongs to this profile.

        Parameters
        ----------
        ci, class_, full : T
            One value for each profile; all three must be given, so that none is forgotten.

        Returns
        -------
        T
            The one named like this profile.
        """
        return {"ci": ci, "class": class_, "full": full}[self.name]


def current() -> Profile:
    """Return the profile this process runs in, from the environment variable `DPRIOR_PROFILE`.

    Returns
    -------
    Profile
        `class` where the variable is not set, empty or blank.

    Raises
    ------
    ValueError
        If the variable holds anything but `ci`, `class` or `full`.

    Examples
    --------
    >>> current().name in ("ci", "class", "full")
    True
    """
    return Profile(os.environ.get(VARIABLE, "").strip() or "class")
