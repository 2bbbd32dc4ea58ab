"""The questions of the course, one module a page: the page's boxes and the notebook's checks read the same bank."""

from __future__ import annotations

import pkgutil
from importlib import import_module, resources

from dprior_lite.course.bank.items import Item

PREFIX = "page"


def pages() -> tuple[str, ...]:
    """Two-digit numbers of the pages that have questions, in order."""
    names = (module.name for module in pkgutil.iter_modules(__path__))
    return tuple(sorted(name.removeprefix(PREFIX) for name in names if name.startswith(PREFIX)))


def items(page: str) -> tuple[Item, ...]:
    """Questions of a page, named by its number or its file (``"01"``, ``"01_miyasawa"``)."""
    number = page[:2]
    if number not in pages():
        raise KeyError(f"no questions for page {page!r}; pages with questions: {', '.join(pages())}")
    return import_module(f"{__name__}.{PREFIX}{number}").ITEMS


def find(id: str) -> Item:
    """The question called `id`, of whatever page.

    Only pages whose source names it are imported: the stored output of a page depends on what it imports, and must not
    depend on the questions of another page.
    """
    for page in pages():
        if f'"{id}"' in resources.files(__name__).joinpath(f"{PREFIX}{page}.py").read_text(encoding="utf-8"):
            for item in items(page):
                if item.id == id:
                    return item
    every = (item.id for page in pages() for item in items(page))
    raise KeyError(f"no question called {id!r}; there are {', '.join(every)}")
