"""Copies for readers and classes: what they say, what they leave out, and that nobody's work is overwritten."""

from __future__ import annotations

import copy
import re
import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.sign import NotebookNotary

from dprior_lite.__main__ import main
from dprior_lite.course import questions
from dprior_lite.course.notebooks import copies, handout, pairs
from dprior_lite.course.notebooks.book_index import BookIndex
from dprior_lite.course.notebooks.plain import Page, plain
from dprior_lite.gates import files

HERE = Path(__file__).resolve().parents[2]
STUB = 'def my_score(net, y, sigma):\n    ...\n\nexercises.check("score", my_score)'
RIGHT = STUB.replace("...", "return (net(y) - y) / sigma**2")
WRONG = STUB.replace("...", "return (net(y) - y) / sigma")
PUBLISHERS = {"nbval-skip", "skip-execution", "hide-input", "remove-input", "hide-cell"}


@pytest.fixture(autouse=True)
def own_database(tmp_path, monkeypatch):
    """Keep the list of trusted notebooks of whoever runs the tests as it is."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))


def code(source, tags=(), outputs=(), **metadata):
    """A code cell with tags and outputs."""
    return nbformat.v4.new_code_cell(source, metadata={"tags": list(tags), **metadata}, outputs=list(outputs))


def glued(name, value):
    """The output that gluing a value leaves."""
    data = {"application/papermill.record/text/plain": value}
    return nbformat.v4.new_output("display_data", data, metadata={"scrapbook": {"name": name}})


def claim(id, **value):
    """The output that a claim leaves."""
    data = {copies.MIME: {"id": id, "value": value, "control": {}}, "text/html": '<a href="02_two.html">more</a>'}
    return nbformat.v4.new_output("display_data", data)


PROSE = r"""# One

About {glue:text}`mi-1.value:.0e`, at worst {glue:text}`ip-1.slope:.2f`; see [two](02_two), {ref}`words <bell>`
and [below](#second-part).

$$a = b .$$ (eq-one)

(here)=
## Second part

By {eq}`eq-one`, {eq}`eq-two`, {numref}`fig-one`, {ref}`here` and {cite:p}`stein1981`.

:::{admonition} Deeper: why
:class: dropdown

Since {eq}`eq-one`.
:::
"""
FIGURE = {"figure": {"name": "fig-one", "caption": "One point, by {eq}`eq-one`."}, "image": {"alt": "a point"}}


@pytest.fixture
def root(tmp_path):
    """A book of two notebooks and two pages of prose."""
    root = tmp_path / "tree"
    (root / "notebooks").mkdir(parents=True)
    (root / "book").mkdir()
    shutil.copy(HERE / "book/references.bib", root / "book")
    (root / "book/a_words.md").write_text("---\nkey: value\n---\n\n# Words\n\n(bell)=\n## Bells\n\n{doc}`01_one`\n")
    (root / "book/a_api.md").write_text("# API\n\n```{eval-rst}\n.. autofunction:: f\n```\n")
    one = [
        nbformat.v4.new_markdown_cell(PROSE),
        code("1 + 1", ["hide-input"], [glued("mi-1.value", "1.69e-15"), claim("ip-1", slope=-1.234, late=0.0)]),
        code("plot()", ["remove-input"], [], mystnb=FIGURE),
        code(STUB, ["nbval-skip", "skip-execution", "raises-exception"]),
        code("1 / 0", ["raises-exception"]),
        code(RIGHT, ["solution", "hide-cell"]),
        nbformat.v4.new_markdown_cell("The answer is no.", metadata={"tags": ["solution"]}),
    ]
    two = [nbformat.v4.new_markdown_cell("# Two\n\n$$c = d .$$ (eq-two)\n\nSee [the API](a_api).")]
    for name, cells in {"01_one": one, "02_two": two}.items():
        write(root, name, cells)
    return root


def write(root, name, cells):
    """Store a notebook as the course's tools do."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={**kernel, "dprior": {"profile": "class"}})
    for number, cell in enumerate(notebook.cells):
        cell.id = f"{name}-{number}"
    files.write_text(root / f"notebooks/{name}.ipynb", pairs.written(notebook))


def given(root, folder, student=False):
    """Hand out; return what was said of each page."""
    return dict(line.split(": ", 1) for line in handout.hand_out(root, folder, student))


def text_of(path):
    return "\n\n".join(cell.source for cell in pairs.read(path).cells)


# what a copy says


def test_stored_values_stand_where_the_page_glues_them(root, tmp_path):
    given(root, tmp_path / "lab")
    assert "About 2·10⁻¹⁵, at worst −1.23; see" in text_of(tmp_path / "lab/01_one.ipynb")


def test_a_value_that_is_not_stored_is_named(root, tmp_path):
    write(root, "02_two", [nbformat.v4.new_markdown_cell("{glue:text}`xx-9.value:.1f`")])
    lines = handout.hand_out(root, tmp_path / "lab")
    assert "02_two: not stored yet, so not shown: xx-9.value" in lines
    assert "(xx-9.value: not measured yet)" in text_of(tmp_path / "lab/02_two.ipynb")


@pytest.mark.parametrize(
    "piece",
    [
        "see [two](02_two.ipynb), [words](a_words.ipynb#bell)\nand [below](#Second-part).",
        '<a id="eq-one"></a>\n$$a = b . \\tag{1.1}$$',
        '<a id="here"></a>\n\n## Second part',
        "By [(1.1)](#eq-one), [(2.1)](02_two.ipynb#eq-two), [Fig. 1.1](#fig-one), [Second part](#here) and",
        "and ([Stein, 1981](#stein1981)).",
        "<details>\n<summary><b>Deeper: why</b></summary>\n\nSince [(1.1)](#eq-one).\n\n</details>",
        '<a id="fig-one"></a>\n**Fig. 1.1.** One point, by [(1.1)](#eq-one).',
        '- <a id="stein1981"></a>Stein (1981). Estimation of the mean',
    ],
)
def test_cross_references_are_links_and_words(root, tmp_path, piece):
    given(root, tmp_path / "lab")
    assert piece in text_of(tmp_path / "lab/01_one.ipynb")


def test_pages_of_prose_that_are_linked_are_handed_out_too(root, tmp_path):
    assert set(given(root, tmp_path / "lab")) == {"01_one", "02_two", "a_words"}
    assert "key: value" not in (words := text_of(tmp_path / "lab/a_words.ipynb")) and "[One](01_one.ipynb)" in words
    assert text_of(tmp_path / "lab/02_two.ipynb").endswith("See the API.")


def test_what_is_no_myst_stays_as_it_is():
    page = Page("01_one", BookIndex())
    listing = "```python\nprint('{glue:text}`a`')\n# $$a$$ (eq-x)\n```"
    for text in (listing, "`{admonition}` and `code`", "$f[x](y)$ and $\\frac{a}{b}$", "[far](https://example.org)"):
        assert plain(text, page) == text
    assert plain("a {glue:text}`b` c", page) != "a {glue:text}`b` c"


@pytest.mark.parametrize(
    "myst, wanted",
    [
        (":::{note}\nLook.\n:::", "> **Note**\n>\n> Look."),
        ("```{math}\n:label: eq-x\na\n```", '<a id="eq-x"></a>\n$$\na \\tag{eq-x}$$'),
        ("::::{admonition} A\n:::{tip}\nB\n:::\n::::", "> **A**\n>\n> > **Tip**\n> >\n> > B"),
        (":::{margin}\nBeside.\n:::", "Beside."),
        (":::\nIn a division.\n:::", "In a division."),
        ("% a note to the writer\nSeen.", "Seen."),
        ("holds\n: every part does.\n\nNo: this\nis none.", "**holds**: every part does.\n\nNo: this\nis none."),
        ("{math}`x^2` of {py:func}`~a.b` and {term}`score`", "$x^2$ of `a.b` and score"),
    ],
)
def test_directives_and_roles_become_plain(myst, wanted):
    assert plain(myst, Page("01_one", BookIndex())) == wanted


def test_links_in_stored_outputs_lead_to_notebooks(root, tmp_path):
    given(root, tmp_path / "lab")
    outputs = [o for cell in pairs.read(tmp_path / "lab/01_one.ipynb").cells for o in cell.get("outputs", [])]
    assert [o["data"]["text/html"] for o in outputs if "data" in o] == ['<a href="02_two.ipynb">more</a>']


# what a copy leaves out


def tags(path):
    return {tag for cell in pairs.read(path).cells for tag in cell.metadata.get("tags", [])}


@pytest.mark.parametrize("student", [False, True])
def test_the_publishers_tags_are_gone(root, tmp_path, student):
    assert tags(root / "notebooks/01_one.ipynb") >= PUBLISHERS
    given(root, tmp_path / "out", student)
    path = tmp_path / "out/01_one.ipynb"
    cells = {cell.source: cell for cell in pairs.read(path).cells}
    assert tags(path) == ({"raises-exception"} if student else {"raises-exception", "solution"})
    # an error that the page shows on purpose may go on; a wrong answer may not pass unseen
    assert "tags" not in cells[STUB].metadata and cells["1 / 0"].metadata["tags"] == ["raises-exception"]
    assert cells["1 + 1"].metadata["jupyter"] == {"source_hidden": True}
    assert "dprior" not in pairs.read(path).metadata and "mystnb" not in cells["plot()"].metadata


def test_student_copies_carry_no_solutions_and_no_outputs(root, tmp_path):
    for name, student in (("lab", False), ("student", True)):
        given(root, tmp_path / name, student)
        text = text_of(tmp_path / name / "01_one.ipynb")
        outputs = [o for c in pairs.read(tmp_path / name / "01_one.ipynb").cells for o in c.get("outputs", [])]
        assert ("The answer is no." in text) is (RIGHT in text) is bool(outputs) is not student
        assert STUB in text and "About 2·10⁻¹⁵" in text


def test_a_wrong_answer_in_a_student_copy_is_reported(root, tmp_path):
    given(root, tmp_path / "student", student=True)
    (stub,) = (c for c in pairs.read(tmp_path / "student/01_one.ipynb").cells if c.source == STUB)
    (untouched,) = (c for c in pairs.read(root / "notebooks/01_one.ipynb").cells if c.source == STUB)
    cells = [nbformat.v4.new_code_cell("from dprior_lite.course import exercises")]
    for cell, answer in ((stub, STUB), (stub, WRONG), (stub, RIGHT), (untouched, WRONG)):
        cells.append(copy.deepcopy(cell))
        cells[-1].source, cells[-1].id = answer, f"answer-{len(cells)}"
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, timeout=120, kernel_name="python3", allow_errors=True).execute()
    said = [str(cell.outputs) for cell in notebook.cells[1:]]
    assert hinted(said[1]) and not hinted(said[0]) and not hinted(said[2]) and "correct" in said[2]
    # the stored notebook, whose tags tell every tool to skip the cell, says nothing: so would a copy that kept them
    assert said[3] == "[]"


def hinted(text):
    """The beginning of the catalogued hint that a text gives, empty if it gives none."""
    hints = [slip.hint.replace("`", "")[:20] for slip in questions.find("score").wrong]
    return next((hint for hint in hints if hint in text), "")


# nobody's work is overwritten


def edit(path, source="mine"):
    """Write into a notebook as a person would."""
    notebook = pairs.read(path)
    notebook.cells[0].source = source
    path.write_text(pairs.written(notebook))


def renew(root, source):
    """Change the original of page 1."""
    edit(root / "notebooks/01_one.ipynb", source)


def test_a_second_hand_out_keeps_an_edit(root, tmp_path):
    lab = tmp_path / "lab"
    assert set(given(root, lab).values()) == {"copied"}
    assert set(given(root, lab).values()) == {"current"}
    edit(lab / "01_one.ipynb")
    assert given(root, lab)["01_one"] == "yours now, changed or run; left as it is"
    assert text_of(lab / "01_one.ipynb").startswith("mine") and not (lab / "01_one.new.ipynb").exists()


def test_a_newer_original_stands_beside_the_edit(root, tmp_path):
    lab, new = tmp_path / "lab", tmp_path / "lab/01_one.new.ipynb"
    given(root, lab)
    edit(lab / "01_one.ipynb")
    renew(root, "newer")
    assert given(root, lab)["01_one"].endswith("the newer page is in 01_one.new.ipynb")
    assert text_of(lab / "01_one.ipynb").startswith("mine") and text_of(new).startswith("newer")
    assert given(root, lab)["01_one"].endswith("the newer page is still in 01_one.new.ipynb")
    renew(root, "newest")
    given(root, lab)
    assert text_of(new).startswith("newest")
    edit(new, "mine too")
    renew(root, "newest of all")
    assert given(root, lab)["01_one"].endswith("both left as they are, the newest page was not copied")
    assert text_of(lab / "01_one.ipynb").startswith("mine") and text_of(new).startswith("mine too")


def test_a_page_that_nobody_changed_is_renewed(root, tmp_path):
    lab = tmp_path / "lab"
    given(root, lab)
    path = lab / "01_one.ipynb"
    opened = pairs.read(path)
    opened.metadata["language_info"] = {"name": "python", "version": "3.11"}  # JupyterLab notes this by itself
    text = pairs.written(opened).replace("\n", "\r\n")
    assert '"late": 0.0' in text
    path.write_text(text.replace('"late": 0.0', '"late": 0'))
    renew(root, "newer")
    assert given(root, lab)["01_one"] == "renewed; it was as handed out"
    assert text_of(path).startswith("newer")


@pytest.mark.parametrize("content", ["half a fi", '{"cells": "none"}', ""])
def test_a_file_that_is_no_notebook_is_a_persons_own(root, tmp_path, content):
    (tmp_path / "lab").mkdir()
    (tmp_path / "lab/01_one.ipynb").write_text(content)
    assert given(root, tmp_path / "lab")["01_one"].startswith("yours now")
    assert (tmp_path / "lab/01_one.ipynb").read_text() == content


def test_outputs_of_a_persons_run_are_work(root, tmp_path):
    given(root, tmp_path / "student", student=True)
    path = tmp_path / "student/01_one.ipynb"
    notebook = pairs.read(path)
    next(c for c in notebook.cells if c.source == "1 + 1").outputs = [nbformat.v4.new_output("stream", text="2")]
    path.write_text(pairs.written(notebook))
    assert given(root, tmp_path / "student", student=True)["01_one"].startswith("yours now")


@pytest.mark.parametrize("name", ["notebooks", "book", "book/../notebooks"])
def test_the_originals_are_no_place_for_copies(root, name):
    before = sorted((root / "notebooks").iterdir())
    with pytest.raises(ValueError, match="originals"):
        handout.hand_out(root, root / name)
    assert sorted((root / "notebooks").iterdir()) == before


def test_copies_with_outputs_are_trusted(root, tmp_path):
    given(root, tmp_path / "lab")
    given(root, tmp_path / "student", student=True)
    copied, notary = pairs.read(tmp_path / "lab/01_one.ipynb"), NotebookNotary()
    assert notary.check_signature(copied)
    copied.cells[1].outputs[0]["data"]["text/html"] = "<script>of a stranger</script>"
    assert not notary.check_signature(copied)
    assert not notary.check_signature(pairs.read(root / "notebooks/01_one.ipynb"))
    notary.store.close()


# the course's own notebooks


def leftovers(cell):
    """What a plain Jupyter cannot show in a Markdown cell, and tags that serve the publisher alone."""
    prose = re.sub(r"(?ms)^```(?!\{).*?^```", "", cell.source) if cell.cell_type == "markdown" else ""
    found = re.findall(r"(?<!`)\{[a-z][\w:+.-]*\}`", prose) + re.findall(r"(?m)^ *(?::{3,}|`{3,}\{).*", prose)
    found += re.findall(r"(?m)^\([\w-]+\)=", prose) + re.findall(r"\$\$ *\(eq-[\w-]+\)|not measured yet\)", prose)
    return found + sorted(set(cell.metadata.get("tags", [])) & PUBLISHERS)


def dead_links(folder):
    """Links between the notebooks of a folder that lead nowhere."""
    texts = {path.name: text_of(path) for path in folder.glob("*.ipynb")}
    for name, text in texts.items():
        for words, page, _, place in re.findall(r"(?<!!)\[([^\]]*)\]\(([\w.]*?)(#([\w-]*))?\)", text):
            if page.endswith(".ipynb") or (place and not page):
                there = texts.get(page or name, "")
                headings = {h.replace(" ", "-") for h in re.findall(r"(?m)^#+ +(.+?) *$", there)}
                if not there or (place and f'id="{place}"' not in there and place not in headings):
                    yield f"{name}: [{words}]({page}#{place})"


@pytest.fixture(scope="module", params=["lab", "student"])
def folder(request, tmp_path_factory):
    """The notebooks of the course, handed out."""
    root = tmp_path_factory.mktemp("copies")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_DATA_DIR", str(root / "jupyter"))
        assert main(["handout", str(root / request.param), *(["--student"] if request.param == "student" else [])]) == 0
    return root / request.param


def test_no_copy_of_the_course_shows_what_only_the_book_can_show(folder):
    pages = {path.name: [x for c in pairs.read(path).cells for x in leftovers(c)] for path in folder.glob("*.ipynb")}
    assert len(pages) >= len(pairs.pages(HERE)) and not {name: found for name, found in pages.items() if found}
    originals = [pairs.read(pairs.notebook_of(page)) for page in pairs.pages(HERE)]
    assert sum(len(leftovers(cell)) for notebook in originals for cell in notebook.cells) > 100


def test_the_links_of_the_copies_lead_somewhere(folder, tmp_path):
    assert list(dead_links(folder)) == []
    for name in ("a", "b"):
        text = "[a](b.ipynb), [b](c.ipynb), [c](b.ipynb#nowhere), [d](#nowhere), [e](#Here)\n\n# Here"
        cells = [nbformat.v4.new_markdown_cell(text if name == "a" else "# B")]
        (tmp_path / f"{name}.ipynb").write_text(pairs.written(nbformat.v4.new_notebook(cells=cells)))
    assert [found.partition("[")[2][0] for found in dead_links(tmp_path)] == ["b", "c", "d"]


# the two commands that hand out, and a folder that moves


def test_copies_lie_where_git_and_clean_do_not_reach():
    makefile = (HERE / "Makefile").read_text()
    assert "handout lab\n" in makefile and "handout --student student\n" in makefile
    assert re.search(r"(?m)^clean:\n\trm -rf _build$", makefile)
    assert {"/lab/", "/student/"} <= set((HERE / ".gitignore").read_text().split())


@pytest.fixture
def house(tmp_path):
    """A folder with the course's Makefile and an interpreter that only notes what it was called with."""
    folder = tmp_path / "a house"
    (folder / ".venv/bin").mkdir(parents=True)
    for name in ("Makefile", "requirements.txt", "constraints.txt", "pyproject.toml"):
        shutil.copy(HERE / name, folder)
    python = folder / ".venv/bin/python"
    python.write_text('#!/bin/sh\necho "$@" >> calls.txt\n')
    python.chmod(0o755)
    return folder


def calls(folder, target):
    """What `make TARGET` lets the interpreter do."""
    (folder / "calls.txt").write_text("")
    done = subprocess.run(["make", target, "PYTHON=false"], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [line for line in (folder / "calls.txt").read_text().splitlines() if "--version" not in line]


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
def test_a_moved_or_copied_folder_sets_itself_up_again(house, tmp_path):
    (install,) = calls(house, "setup")
    assert install.endswith("-r requirements.txt") and calls(house, "setup") == []
    for put in (shutil.copytree, shutil.move):
        there = Path(put(house, tmp_path / put.__name__))
        assert calls(there, "setup") == [install] and calls(there, "setup") == []
    (there / "requirements.txt").touch()
    assert calls(there, "setup") == [install]


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
@pytest.mark.parametrize("target", ["book", "lab", "student", "test", "measurements", "bench", "edit", "linkcheck"])
def test_no_command_needs_a_script_that_remembers_its_folder(house, target):
    calls(house, "setup")
    (house / "_build").mkdir()
    assert len(calls(house, target)) >= 1
    assert not re.search(r"\.venv/bin/(?!python\b)", (house / "Makefile").read_text())


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
def test_make_test_runs_every_file_of_tests_once():
    done = subprocess.run(["make", "-n", "test", "PYTHON=false"], cwd=HERE, capture_output=True, text=True)
    named = re.findall(r"tests/\w+/test_\w+\.py", done.stdout)
    assert sorted(named) == sorted(str(p.relative_to(HERE)) for p in HERE.glob("tests/*/test_*.py"))
    pages, others = (re.findall(r"tests/(\w+)/", line) for line in re.findall(r".*-m pytest.*", done.stdout))
    assert set(pages) == {"course", "training"} and (others[0], others[-1]) == ("house", "book")
