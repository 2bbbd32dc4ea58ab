"""Style sheet and scripts of a page's figures: once a page, in the output of the first figure that is drawn.

In a live notebook the first figure of a kernel carries what it needs, a later one only the scripts that are new. A cell
that is executed again carries everything again, so that "run this cell again" always helps.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dprior_lite.course.web import kinds, widgets

CORE = ("core.js", "curtain.js", "zoom.js")


def assets(names: Iterable[str] | None = None) -> str:
    """Return the HTML of everything that figures of these kinds need beside themselves.

    Parameters
    ----------
    names : iterable of str, optional
        Kinds of figures; all kinds unless given.

    Returns
    -------
    str
        A style sheet and one script; safe to stand in a page more than once.

    Examples
    --------
    >>> assets(["frames"]).startswith('<style class="dp-style">')
    True
    """
    return _html(["widgets.css", *CORE, *scripts(kinds.KINDS if names is None else names)])


def style() -> str:
    """Return the style sheet of all figures, for a static file.

    Examples
    --------
    >>> ".dprior" in style()
    True
    """
    return widgets.static("widgets.css")


def script(names: Iterable[str] | None = None) -> str:
    """Return the script of all figures of these kinds, for a static file; of all kinds unless given.

    Examples
    --------
    >>> "DPrior.kinds.frames" in script(["frames"])
    True
    """
    return _joined([*CORE, *scripts(kinds.KINDS if names is None else names)])


def scripts(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the scripts of these kinds, each once, in the order in which they must run.

    Examples
    --------
    >>> scripts(["twins", "jsnet"])
    ('net.js', 'twins.js', 'jsnet.js')
    """
    return tuple(dict.fromkeys(name for kind in names for name in kinds.KINDS[kind].scripts))


def _joined(files: Sequence[str]) -> str:
    return "\n".join([*(widgets.static(name) for name in files), "DPrior.scan();"])


def _html(files: Sequence[str]) -> str:
    if not files:
        return ""
    sheet = "".join(f'<style class="dp-style">{widgets.static(name)}</style>' for name in files if name.endswith("css"))
    return f"{sheet}<script>{_joined([name for name in files if name.endswith('js')])}</script>\n"


class _Carried:
    """What the outputs of this kernel have carried so far."""

    def __init__(self) -> None:
        self.cells: set[str] = set()
        self.ever: set[str] = set()
        self.now: tuple[str, int] = ("", -1)
        self.here: set[str] = set()

    def missing(self, cell: str, execution: int, files: Sequence[str]) -> list[str]:
        """Return the files that the output of this cell must carry, and take them as carried."""
        if (cell, execution) != self.now:
            # executed again: what it carried before has gone with its old output
            self.here = set() if cell in self.cells else set(self.ever)
            self.cells.add(cell)
            self.now = (cell, execution)
        new = [name for name in files if name not in self.here]
        self.here.update(new)
        self.ever.update(new)
        return new


_carried = _Carried()


def for_this_cell(names: Iterable[str]) -> str:
    """Return the assets that the output of the running cell must carry; all of them outside a notebook."""
    files = ["widgets.css", *CORE, *scripts(names)]
    place = _running_cell()
    return _html(_carried.missing(*place, files) if place else files)


def _running_cell() -> tuple[str, int] | None:
    """Return the id of the running cell, or its code where no id is told, and its number."""
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None:
        return None
    parent = getattr(shell, "get_parent", dict)() or {}
    content, metadata = parent.get("content", {}), parent.get("metadata", {})
    return str(metadata.get("cellId") or content.get("code", "")), int(shell.execution_count)
