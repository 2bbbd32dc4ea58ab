"""Rewrite the MyST of a page as Markdown that every Jupyter shows.

Roles become stored values, links or words; directives become quotations or folded details; labelled equations and
figures carry the number that the book gives them. `BookIndex` knows where every label of the book stands.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dprior_lite.course.notebooks.book_index import EQUATION, LABEL, BookIndex
from dprior_lite.course.page.numbers import rewritten

_FENCE = re.compile(r"^ {0,3}(?P<fence>`{3,}|:{3,}|~{3,})(?:\{(?P<name>[\w:.-]+)\})?(?P<rest>.*)$")
_OPTION = re.compile(r"^:(?P<name>[\w-]+):\s*(?P<value>.*)$")
_ROLE = re.compile(r"(?<![`\w])\{(?P<name>[a-zA-Z][\w:.+-]*)\}`(?P<text>[^`]+)`")
_TARGET = re.compile(r"^(?P<words>.*?)\s*<(?P<target>[^<>]+)>$", re.DOTALL)
_LINK = re.compile(r"(?<!!)\[(?P<words>[^\]]*)\]\((?P<page>[^()\s#]*)(?P<place>#[^()\s]*)?\)")
_DEFINITION = re.compile(r"^(?P<term>[^\s#>|:*-].*)\n: +(?=\S)", re.MULTILINE)
_FOLDED = {"dropdown", "solution"}
_BOXES = _FOLDED | set(
    "admonition note tip hint warning important caution attention danger error seealso exercise topic".split()
)
_ONLY_IN_THE_BOOK = {"eval-rst", "bibliography", "tableofcontents", "only", "raw"}


@dataclass
class Page:
    """One page while it is rewritten: its name, the book around it, its glued values, and what it cites."""

    name: str
    book: BookIndex
    values: Mapping[str, object] = field(default_factory=dict)
    cited: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def plain(source: str, page: Page) -> str:
    """Return MyST as plain Markdown.

    Parameters
    ----------
    source : str
        A Markdown cell, or a whole page without its header.
    page : Page
        What it cites is added to `page.cited`, a glued value that is not stored to `page.missing`.

    Examples
    --------
    >>> plain("They differ by {glue:text}`mi-1.value:.0%`.", Page("01", BookIndex(), {"mi-1.value": 0.07}))
    'They differ by 7\\xa0%.'
    >>> print(plain(":::{note}\\nLook.\\n:::", Page("01", BookIndex())))
    > **Note**
    >
    > Look.
    """
    out: list[str] = []
    prose: list[str] = []
    lines = source.split("\n")
    number = 0
    while number < len(lines):
        opened = _FENCE.match(lines[number])
        if not opened:
            if not lines[number].startswith("% "):  # a comment of MyST
                prose.append(lines[number])
            number += 1
            continue
        end = _end_of_fence(lines, number, opened["fence"])
        body = lines[number + 1 : end]
        out += [_prose("\n".join(prose), page)] if prose else []
        prose = []
        if opened["name"]:
            out.append(_directive(opened["name"], opened["rest"].strip(), body, page))
        else:  # a listing, or a division
            out.append(
                "\n".join(lines[number : end + 1]) if opened["fence"][0] != ":" else plain("\n".join(body), page)
            )
        number = end + 1
    return "\n".join([*out, _prose("\n".join(prose), page)] if prose else out)


def _end_of_fence(lines: list[str], start: int, fence: str) -> int:
    """Return the number of the line that closes a fence; of the last line plus one where nothing does."""
    for number in range(start + 1, len(lines)):
        text = lines[number].strip()
        if len(text) >= len(fence) and set(text) == {fence[0]}:
            return number
    return len(lines)


def _directive(name: str, argument: str, body: list[str], page: Page) -> str:
    """Return a directive as plain Markdown; of one that is not known the content stays."""
    options, body = _options(body)
    content = "\n".join(body).strip("\n")
    if name in page.book.tables:
        return page.book.tables[name]()
    if name == "math":
        label = options.get("label", "")
        return _prose(f"$$\n{content}\n$$" + (f" ({label})" if label else ""), page)
    if name in ("code-block", "code", "code-cell"):
        return f"```{argument}\n{content}\n```"
    if name in _ONLY_IN_THE_BOOK:
        return "*(This part stands in the built book only.)*"
    if name not in _BOXES:
        return "\n\n".join(filter(None, [_prose(argument, page), plain(content, page)]))
    title = _prose(argument, page) or name.capitalize()
    folded = name in _FOLDED or "dropdown" in options.get("class", "").split()
    if folded:
        summary = html.escape(title.replace("**", ""), quote=False)
        return f"<details>\n<summary><b>{summary}</b></summary>\n\n{plain(content, page)}\n\n</details>"
    quoted = f"**{title}**\n\n{plain(content, page)}".split("\n")
    return "\n".join(f"> {line}".rstrip() for line in quoted)


def _options(body: list[str]) -> tuple[dict[str, str], list[str]]:
    """Split the options from the content of a directive."""
    options: dict[str, str] = {}
    while len(options) < len(body) and (option := _OPTION.match(body[len(options)])):
        options[option["name"]] = option["value"]
    return options, body[len(options) :]


def _prose(text: str, page: Page) -> str:
    """Rewrite labels, equations, roles and links of running text."""
    text = LABEL.sub(lambda m: f'<a id="{m["label"]}"></a>\n', text)
    text = EQUATION.sub(lambda m: _numbered(m, page), text)
    text = _ROLE.sub(lambda m: _role(m["name"], m["text"], page), text)
    text = _DEFINITION.sub(r"**\g<term>**: ", text)
    return _LINK.sub(lambda m: _link(m, page), text)


def _numbered(match: re.Match[str], page: Page) -> str:
    """Return an equation with its number in place of its label."""
    place = page.book.places.get(match["label"])
    number = place.words.strip("()") if place else match["label"]
    return f'<a id="{match["label"]}"></a>\n$${match["body"].rstrip()} \\tag{{{number}}}$$'


def _role(name: str, text: str, page: Page) -> str:
    """Return what a role stands for."""
    split = _TARGET.match(text)
    words, target = (split["words"], split["target"]) if split else ("", text)
    if name.startswith("glue"):
        return _glued(text, page)
    if name.startswith("cite"):
        return _cited(text, name, page)
    if name == "math":
        return f"${text}$"
    if name in ("ref", "eq", "numref", "prf:ref"):
        return _labelled(words, target, page)
    if name == "doc":
        stem = Path(target).name
        title = next(iter(page.book.headings.get(stem, [])), stem)
        return f"[{words or title}]({stem}.ipynb)" if stem in page.book.handed_out else words or title
    # the name of a function or class stays code, everything else becomes its words
    return f"`{target.lstrip('~')}`" if name.startswith("py:") or name in ("func", "class", "meth") else words or text


def _labelled(words: str, label: str, page: Page) -> str:
    """Return a link to a label, or words where it is not handed out."""
    place = page.book.places.get(label)
    if place is None:
        return words or label.replace("-", " ")
    number = place.words.removeprefix("Fig. ")
    words = words.replace("%s", number).replace("{number}", number) or place.words
    if place.page != page.name and place.page not in page.book.handed_out:
        return words
    return f"[{words}]({'' if place.page == page.name else f'{place.page}.ipynb'}#{label})"


def _cited(text: str, name: str, page: Page) -> str:
    """Return a citation as authors and year that link to the references at the end of the page."""
    known = [key.strip() for key in text.split(",") if key.strip() in page.book.references]
    page.cited += [key for key in known if key not in page.cited]
    found = [(page.book.references[key], key) for key in known]
    if not found:
        return f"({text})"
    if name.endswith(":t"):
        return ", ".join(f"{r.authors} ([{r.year}](#{key}))" for r, key in found)
    return f"({'; '.join(f'[{r.authors}, {r.year}](#{key})' for r, key in found)})"


def _glued(text: str, page: Page) -> str:
    """Return a stored value in its format, written as the course writes numbers."""
    name, _, how = text.partition(":")
    if name not in page.values:
        page.missing.append(name)
        return f"({name}: not measured yet)"
    value = page.values[name]
    try:
        shown = format(float(value), how) if how else str(value)
    except (TypeError, ValueError):
        return str(value).strip("'\"")
    return rewritten(shown)


def _link(match: re.Match[str], page: Page) -> str:
    """Return a link between pages of the book as a link between notebooks; other links stay."""
    stem = Path(match["page"]).name.removesuffix(".md")
    if match["page"] and stem not in page.book.headings:
        return match[0]
    if stem and stem not in page.book.handed_out:
        return match["words"]
    place = (match["place"] or "").removeprefix("#")
    slugs = {_slug(heading): heading.replace(" ", "-") for heading in page.book.headings.get(stem or page.name, [])}
    anchor = f"#{slugs.get(place, place)}" if place else ""
    return f"[{match['words']}]({f'{stem}.ipynb' if stem else ''}{anchor})"


def _slug(heading: str) -> str:
    """Return the anchor that MyST gives to a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
