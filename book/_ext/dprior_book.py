"""What this book adds to Jupyter Book.

It shows the stored outputs of `notebooks/` without executing anything (`seed_cache`), and makes
a warning, hence an error under -W, of whatever would make the book dishonest: outputs that no
longer belong to the code, pictures without text, symbols that are not in the notation table.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment.collectors.toctree import TocTreeCollector
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from dprior_lite.course.claims import ledger
from dprior_lite.course.claims.redraw import redraw_claims
from dprior_lite.course.notebooks import freshness
from dprior_lite.course.notebooks.index import Index
from dprior_lite.course.notebooks.pairs import is_notebook
from dprior_lite.course.page import notation
from dprior_lite.course.page.numbers import rewritten
from dprior_lite.course.web import redraw_notebook

LOG = logging.getLogger(__name__)
REFRESH = "run `make notebooks`"
IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
ALT = re.compile(r"\balt\s*=\s*(?:\"[^\"]+\"|'[^']+'|[^\s\"'>]+)")


def seed_cache(app: Sphinx, config: Config) -> None:
    """Put the stored notebooks into jupyter-cache under their page: a page of the same code is not executed.

    A notebook whose code has changed since is left out, so that its page is executed and cannot show blanks.
    """
    if config.nb_execution_mode != "cache":
        return
    from jupyter_cache import get_cache
    from jupyter_cache.base import CacheBundleIn

    cache = get_cache(config.nb_execution_cache_path or str(Path(app.outdir).parent / ".jupyter_cache"))
    for path in sorted((Path(app.srcdir) / "notebooks").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        done = notebook.metadata.pop("dprior", None)
        if done and done["code"] == freshness.code_hash(notebook):
            redraw_claims(notebook)
            redraw_notebook(notebook)
            bundle = CacheBundleIn(notebook, f"book/{path.stem}.md", data={"execution_seconds": done["seconds"]})
            # cells tagged skip-execution have no count, which the cache would take for a fault
            cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def stored(app: Sphinx, docname: str) -> Path | None:
    """The stored notebook of a page, None for a page that has none."""
    path = Path(app.srcdir) / "notebooks" / f"{Path(docname).name}.ipynb"
    return path if docname.startswith("book/") and path.is_file() else None


def depend_on_notebook(app: Sphinx, docname: str, source: list[str]) -> None:
    """Read a page again when its stored outputs change."""
    if path := stored(app, docname):
        app.env.note_dependency(str(path))


def warn_of_stale(app: Sphinx, env: Any) -> None:
    """Warn of every page whose outputs are missing or no longer belong to the code, weights or data."""
    root = Path(app.srcdir)
    index = Index(root)
    for docname in sorted(env.found_docs):
        path = stored(app, docname)
        if path:
            for reason in freshness.stale(nbformat.read(path, as_version=4), root, index):
                LOG.warning(
                    "notebook %s %s: %s", path.name, reason, REFRESH, location=docname, type="dprior", subtype="stale"
                )
        elif is_notebook(Path(env.doc2path(docname))):
            LOG.warning("has no notebook: %s", REFRESH, location=docname, type="dprior", subtype="stale")


class NumberedByPage(TocTreeCollector):
    """Numbers a chapter's sections by the number in its page's name: a chapter not yet written leaves a gap."""

    def assign_section_numbers(self, env: Any) -> list[str]:
        """Number as Sphinx does, then put the page's own number in the first place."""
        changed = super().assign_section_numbers(env)
        for docname, numbers in env.toc_secnumbers.items():
            page = Path(docname).name
            if not page[:2].isdigit():
                continue
            own = int(page[:2])
            for anchor, number in numbers.items():
                numbers[anchor] = (own, *number[1:]) if number else number
            titles = [r for r in env.tocs[docname].findall(nodes.reference) if r.get("secnumber")]
            for node in (*titles, *([env.titles[docname]] if env.titles[docname].get("secnumber") else [])):
                node["secnumber"] = [own, *node["secnumber"][1:]]
        return changed


def warn_of_silent_images(app: Sphinx, doctree: nodes.document) -> None:
    """Warn of pictures without alt text, in Markdown, in outputs and in raw HTML."""
    for image in doctree.findall(nodes.image):
        # docutils writes the address where no text was given
        if not image.get("alt") or image["alt"] == image["uri"]:
            LOG.warning("image without alt text: %s", image["uri"], location=image, type="dprior", subtype="alt")
    for raw in doctree.findall(nodes.raw):
        for tag in IMAGE.findall(raw.astext()):
            if not ALT.search(tag):
                LOG.warning("image without alt text: %s", tag[:80], location=raw, type="dprior", subtype="alt")


def warn_of_unlisted_symbols(app: Sphinx, doctree: nodes.document) -> None:
    """Warn of symbols in labelled equations that the notation table lacks."""
    for equation in doctree.findall(nodes.math_block):
        label = equation.get("label") or next(iter(equation.get("ids", [])), "")
        missing = notation.unlisted(equation.astext()) if label else []
        if missing:
            LOG.warning(
                "equation %s uses %s, which dprior_lite/course/notation.py does not list",
                label,
                ", ".join(missing),
                location=equation,
                type="dprior",
                subtype="notation",
            )


def write_glued_numbers(app: Sphinx, doctree: nodes.document) -> None:
    """Write the numbers that prose quotes as tables and cards do: a true minus, powers of ten, a space before %."""
    for quoted in doctree.findall(nodes.inline):
        if "pasted-text" in quoted["classes"]:
            for text in list(quoted.findall(nodes.Text)):
                text.parent.replace(text, nodes.Text(rewritten(text.astext())))


def keep_punctuation(app: Sphinx, doctree: nodes.document) -> None:
    """Keep punctuation on the line of its formula; browsers may otherwise begin a line with a comma."""
    for formula in list(doctree.findall(nodes.math)):
        parent, place = formula.parent, formula.parent.index(formula)
        around = [parent[k] if 0 <= k < len(parent) else None for k in (place - 1, place + 1)]
        before, after = (n.astext() if isinstance(n, nodes.Text) else "" for n in around)
        opened, closed = re.search(r"[(\[]*\Z", before), re.match(r"[.,;:!?)\]]*", after)
        if not opened[0] and not closed[0]:
            continue
        kept = nodes.inline("", "", formula.deepcopy(), classes=["dp-keep"])
        kept.insert(0, nodes.Text(opened[0]))
        kept.append(nodes.Text(closed[0]))
        new = [kept]
        if before:
            new.insert(0, nodes.Text(before[: opened.start()]))
        if after:
            new.append(nodes.Text(after[closed.end() :]))
        parent[place - bool(before) : place + 1 + bool(after)] = new


def one_of_each(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Keep one of each script: Jupyter Book registers those of thebe and togglebutton twice."""
    kept: dict[tuple[str, str | None], Any] = {}
    for script in context.get("script_files", []):
        kept.setdefault((str(script.filename or ""), script.attributes.get("body")), script)
    context["script_files"] = list(kept.values())


class Table(SphinxDirective):
    """A directive whose content is a Markdown table made from data."""

    def markdown(self) -> str:
        """The table, and a note of the files it depends on."""
        raise NotImplementedError

    def run(self) -> list[nodes.Node]:
        """Parse the table where the directive stands."""
        box = nodes.container(classes=["dprior-table"])
        self.state.nested_parse(StringList(self.markdown().splitlines(), self.env.docname), self.content_offset, box)
        return [box]


class Notation(Table):
    """`{notation}`: the symbols of the book."""

    def markdown(self) -> str:
        """The notation table."""
        self.env.note_dependency(notation.__file__)
        return notation.table()


class Scorecard(SphinxDirective):
    """`{scorecard}`: every claim, the verdict first, what was found and asked, the paper's figure."""

    def run(self) -> list[nodes.Node]:
        """Draw the table from the stored notebooks and today's bounds."""
        folder = Path(self.env.srcdir) / "notebooks"
        for path in [folder, *sorted(folder.glob("*.ipynb"))]:
            self.env.note_dependency(str(path))
        return [nodes.raw("", ledger.scorecard(ledger.records(folder)), format="html")]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register everything above."""
    app.connect("config-inited", seed_cache, priority=900)
    app.connect("source-read", depend_on_notebook)
    app.connect("env-updated", warn_of_stale)
    app.connect("doctree-read", warn_of_silent_images)
    app.connect("doctree-read", warn_of_unlisted_symbols)
    app.connect("doctree-read", write_glued_numbers)
    app.connect("doctree-read", keep_punctuation)
    app.connect("html-page-context", one_of_each, priority=901)
    app.add_env_collector(NumberedByPage)  # after Sphinx's own, whose numbers it replaces
    app.add_directive("notation", Notation)
    app.add_directive("scorecard", Scorecard)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
