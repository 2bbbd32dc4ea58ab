"""Every definition of a working tree, and what a name resolves to through every re-export."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from dprior_lite.course.notebooks.definitions import (
    PACKAGE,
    Meanings,
    Module,
    digest,
    plain_digest,
    read_module,
    stripped,
    written,
)

# what these hold cannot change a number: the command line, the record of use, the lists of data (a page records the
# version of each set it uses), recipes (a page records each recipe it asks for), cards and files (a page records the
# sha256 of each weight), and how pages look
_LOOKS = ("cli", "used", "version", "__main__", "data.registry", "data.generated", "training.recipes", "card")
_LOOKS += ("course", "gates.files", "gates.lock", "gates.names")
# of the course, these do
_MEASURES = ("course.lab", "course.page.profiles", "course.page.seeds", "course.measurements")


def counts(module: str) -> bool:
    """Return whether what a module of the package defines can change a number of a page.

    Examples
    --------
    >>> counts("dprior_lite.miyasawa"), counts("dprior_lite.course.web.frames"), counts("dprior_lite.course.lab.toys")
    (True, False, True)
    """
    package, _, rest = module.partition(".")

    def within(rooms: tuple[str, ...]) -> bool:
        return any(rest == room or rest.startswith(f"{room}.") for room in rooms)

    measures = within(_MEASURES) or (rest.startswith("course.chapters.") and ".measured" in rest)
    return package == PACKAGE and bool(rest) and (measures or not within(_LOOKS))


class Index:
    """Every module of a tree, and what its names resolve to.

    Parameters
    ----------
    root : Path
        The folder that holds the package.
    """

    def __init__(self, root: Path) -> None:
        self.modules: dict[str, Module] = {}
        self._digests: dict[str, dict[str, str]] = {}
        for path in sorted((root / PACKAGE).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            name, package = ".".join(parts).removesuffix(".__init__"), parts[-1] == "__init__"
            self.modules[name] = _read_at(path, name, package, path.stat().st_mtime_ns)

    def resolve(self, module: str, name: str) -> tuple[str, str] | None:
        """Return where a name of a module is defined, as (module, qualified name); None where it is not found.

        A module itself is (module, "").
        """
        for _ in range(20):  # re-exports of re-exports; a circle ends
            if not name or f"{module}.{name}" in self.modules:
                return (f"{module}.{name}" if name else module), ""
            here = self.modules.get(module)
            if here is None:
                return None
            if name in here.nodes:
                return module, name
            module, name = here.imports.get(name) or here.places.get(name) or ("", "")
            if not module:
                return None
        return None

    def plain(self, module: str, name: str) -> str:
        """Return the digest of a definition by its own text alone."""
        return plain_digest(self.modules[module].nodes[name])

    def digests(self, module: str) -> dict[str, str]:
        """Return the digest of every definition of a module, by qualified name."""
        if module not in self._digests:
            here = self.modules[module]
            names = self.meanings(here.imports)
            self._digests[module] = {name: digest(written(stripped(n), names)) for name, n in here.nodes.items()}
        return self._digests[module]

    def meanings(self, imports: dict[str, tuple[str, str]]) -> Meanings:
        """Return a function that gives the digest of what a name, or an attribute of an imported module, stands for.

        It gives an empty text for a name that is not imported from the package, or cannot change a number.
        """

        def meaning(name: str, attribute: str = "") -> str:
            """Return the digest of what an imported name, or an attribute of it, stands for."""
            if name not in imports:
                return ""
            found = self.resolve(*imports[name])
            if found and not found[1] and attribute:
                found = self.resolve(found[0], attribute)
            return self.plain(*found) if found and found[1] and counts(found[0]) else ""

        return meaning


@cache
def _read_at(path: Path, name: str, package: bool, changed: int) -> Module:
    return read_module(path.read_text(encoding="utf8"), name, package)
