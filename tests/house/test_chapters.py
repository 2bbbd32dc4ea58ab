"""A chapter is a folder, a page and a line of the table of contents; what is missing is named, and nothing else is
needed.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import tinybook

from dprior_lite.course.page.roadmap import on_the_map

HERE = Path(__file__).resolve().parents[2]
NUMBERED = re.compile(r"\d\d_\w+")
WITHOUT_FOLDER = {"14_scorecard"}  # written at build from what all chapters measured


def pages_named(root):
    """The page that each chapter's folder names, folder -> page, read from its source."""
    found = {}
    for path in sorted((root / "dprior_lite/course/chapters").glob("ch*/__init__.py")):
        call = next(n for n in ast.walk(ast.parse(path.read_text(encoding="utf8"))) if isinstance(n, ast.Call))
        found[path.parent.name] = ast.literal_eval(call.args[0])
    return found


def what_is_missing(root):
    """One sentence for each page, entry or folder that is missing."""
    named = pages_named(root)
    toc = set(re.findall(r"book/(\d\d_\w+)", (root / "_toc.yml").read_text(encoding="utf8")))
    written = {p.stem for p in (root / "book").glob("*.md") if NUMBERED.fullmatch(p.stem)}
    missing = [
        f"{folder} names the page {page}: book/{page}.md is missing"
        for folder, page in named.items()
        if page not in written
    ]
    missing += [f"book/{page}.md has no entry in _toc.yml" for page in sorted(written & set(named.values()) - toc)]
    missing += [
        f"book/{page}.md has no folder dprior_lite/course/chapters/ch{page[:2]}"
        for page in sorted(written - set(named.values()) - WITHOUT_FOLDER)
    ]
    return missing


def test_every_chapter_has_a_page_an_entry_and_a_folder():
    assert what_is_missing(HERE) == []


def test_every_chapter_is_on_the_map_once():
    numbers = [c.number for c in on_the_map()]
    assert numbers == sorted(set(numbers)) and set(pages_named(HERE).values()) - {"00_start_here"} <= {
        c.page for c in on_the_map()
    }


CHAPTER = '''"""Chapter 97: a toy."""

from __future__ import annotations

from dprior_lite.course.chapters.chapter import Chapter

CHAPTER = Chapter("97_toy", "A toy chapter", prefix="zz", column=0, row=3, needs=("01",))
'''
CLAIMS = '''"""Claims of page 97."""

from __future__ import annotations

from dprior_lite.course.claims.claim import Claim
from dprior_lite.course.claims.rules import Control, Rule

CLAIMS = (Claim("zz-1", "", "one is small", (Rule("value", "<=", 2),), (Control("control", "value"),)),)
'''
QUESTIONS = '''"""Questions of page 97."""

from __future__ import annotations

from dprior_lite.course.questions.kinds import Numeric

ITEMS = (Numeric("toy-number", "What is one plus one?", 2.0, 0.1, "1 + 1 = 2.", "Count."),)
'''
RECIPE = '''"""Recipes of chapter 97."""

from __future__ import annotations

from dprior_lite.training.noise import Fixed
from dprior_lite.training.recipe import Recipe

RECIPES = (Recipe("toy", "a toy", "mlp.MLP", ("mixture",), Fixed(0.4), {"ci": 1, "class": 1, "full": 1}),)
'''
PAGE = (
    tinybook.HEADER
    + """# A toy chapter

## One

```{code-cell} ipython3
from dprior_lite import course
from dprior_lite.course import claims
from dprior_lite.training import find

find("toy")
course.answer("toy-number")
```

```{code-cell} ipython3
claims.check("zz-1", 1.0, control=3.0)
```
"""
)


@pytest.fixture(scope="module")
def tree(executed, tmp_path_factory):
    """A small copy of the course with one more chapter, added by files and one line of the table of contents alone."""
    root = tmp_path_factory.mktemp("chapter") / "tree"
    shutil.copytree(executed, root)
    shutil.copy(HERE / "README.md", root)
    folder = root / "dprior_lite/course/chapters/ch97"
    folder.mkdir()
    for name, text in (("__init__", CHAPTER), ("claims", CLAIMS), ("questions", QUESTIONS)):
        (folder / f"{name}.py").write_text(text)
    (root / "dprior_lite/training/recipes/toy.py").write_text(RECIPE)
    (root / "book/97_toy.md").write_text(PAGE)
    toc = root / "_toc.yml"
    toc.write_text(
        toc.read_text().replace(
            "      - file: book/11_energy\n", "      - file: book/11_energy\n      - file: book/97_toy\n"
        )
    )
    return root


COMMANDS = """
from dprior_lite.__main__ import main
from dprior_lite.course.page.roadmap import roadmap

for command in ("notebooks run", "claims --readme", "train --list"):
    print("command:", command)
    assert main(command.split()) == 0
print("command: map")
print(roadmap().markup)
"""


def run(root, code):
    """Run code with the copy's own package; return what each of its commands said."""
    environment = os.environ | {"PYTHONPATH": str(root), "DPRIOR_PROFILE": "class", "NO_COLOR": "1"}
    done = subprocess.run([sys.executable, "-c", code], cwd=root, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(said.split("\n", 1) for said in done.stdout.split("command: ")[1:])


def test_a_chapter_is_added_by_files_alone(tree):
    """Its page is executed, and the page that was there before stays current."""
    said = run(tree, COMMANDS)
    assert "01_miyasawa: current" in said["notebooks run"] and "97_toy: executed" in said["notebooks run"]
    assert "| 97_toy |" in (tree / "README.md").read_text()
    assert "toy " in said["train --list"]
    assert "A toy chapter" in said["map"]
    built = tinybook.build(tree, PYTHONPATH=str(tree))
    assert built.returncode == 0, built.stderr
    assert "zz-1" in (tree / "_build/html/book/14_scorecard.html").read_text()
    page = re.sub(r"<[^>]+>", "", (tree / "_build/html/book/97_toy.html").read_text())
    assert "✓ holds" in page and "What is one plus one?" in page and re.search(r"97\.\s*A toy chapter", page)


@pytest.mark.parametrize(
    "remove, said",
    [
        (lambda root: (root / "book/97_toy.md").unlink(), "book/97_toy.md is missing"),
        (lambda root: forget(root / "_toc.yml", "      - file: book/97_toy\n"), "has no entry in _toc.yml"),
        (lambda root: shutil.rmtree(root / "dprior_lite/course/chapters/ch97"), "has no folder"),
    ],
)
def test_what_a_chapter_lacks_is_named(tree, tmp_path, remove, said):
    root = tmp_path / "tree"
    for part in ("book", "_toc.yml", "dprior_lite/course/chapters"):
        (root / part).parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (tree / part).is_dir() else shutil.copy)(tree / part, root / part)

    def about_the_toy():
        return [text for text in what_is_missing(root) if "97" in text]

    assert about_the_toy() == []
    remove(root)
    (finding,) = about_the_toy()
    assert said in finding


def forget(path, line):
    """Take one line out of a file."""
    text = path.read_text()
    assert line in text
    path.write_text(text.replace(line, ""))
