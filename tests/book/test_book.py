"""The book builds without a warning, and a dishonest page does not."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import tinybook

from dprior_lite.course.notebooks import pairs as notebooks

HERE = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def sound(executed, tmp_path_factory):
    """A tiny book with stored outputs, stored when a claim's card had another look, and what building it said."""
    root = tmp_path_factory.mktemp("sound") / "tree"
    shutil.copytree(executed, root)
    path = root / "notebooks/01_miyasawa.ipynb"
    assert "✓ holds" in path.read_text()
    path.write_text(path.read_text().replace("✓ holds", "an older look"))
    return root, tinybook.build(root)


@pytest.fixture(scope="module")
def unsound(sound, tmp_path_factory):
    """The same book with four faults on one page and a failing claim on another, and what building it said."""
    root = tmp_path_factory.mktemp("unsound") / "tree"
    shutil.copytree(sound[0], root, ignore=shutil.ignore_patterns("_build"))
    page, other = root / "book/01_miyasawa.md", root / "book/11_energy.md"
    shutil.copy(notebooks.notebook_of(page), notebooks.notebook_of(other))
    other.write_text(page.read_text().replace("3e-16", "3e-6").replace(":label: eq-tiny\n", ""))
    notebooks.sync(other)
    text = (
        page.read_text()
        .replace("    alt: a rising line\n", "    width: 50px\n")
        .replace("y = x + \\sigma z", "y = x + \\varpi z")
    )
    page.write_text(text + '\n<img src="x.png">\n')
    notebooks.sync(page)
    with (root / "dprior_lite/profiles.py").open("a") as module:
        module.write("\nVARIABLE = 1\n")
    return root, tinybook.build(root)


def page_of(root):
    return (root / "_build/html/book/01_miyasawa.html").read_text()


def test_a_sound_book_builds_and_executes_nothing(sound):
    root, built = sound
    assert built.returncode == 0, built.stderr
    assert "Using cached notebook" in built.stdout and "Executing notebook" not in built.stdout


def test_the_page_shows_the_stored_output(sound):
    page = page_of(sound[0])
    assert 'data-name="mi-1.value"' in page and "✓ holds" in page and 'alt="a rising line"' in page
    text = re.sub(r"<[^>]+>", "", page)
    assert "The number is 3.0·10⁻¹⁶, its control 0.21." in text
    assert "# dprior_lite/profiles.py" in text and "The profile this process runs in" not in text


def test_the_scorecard_and_the_notation_are_made_from_data(sound):
    card = re.sub(r"<[^>]+>", " ", (sound[0] / "_build/html/book/14_scorecard.html").read_text())
    assert "mi-1" in card and "3·10⁻¹⁶" in card and "holds" in card
    assert (sound[0] / "_build/html/book/00_start_here.html").read_text().count("<tr") > 20


def test_a_chapter_is_numbered_by_its_page_though_others_are_missing(sound):
    page = re.sub(r"<[^>]+>", "", (sound[0] / "_build/html/book/11_energy.html").read_text())
    assert re.search(r"11\.\s*A later chapter", page) and re.search(r"11\.1\.\s*A section of it", page)


def test_a_change_of_look_shows_without_executing(sound):
    """The card of a claim is drawn from its record when the book is built."""
    root, built = sound
    assert "an older look" in (root / "notebooks/01_miyasawa.ipynb").read_text()
    assert "✓ holds" in page_of(root) and "an older look" not in page_of(root)
    assert "Executing notebook" not in built.stdout


def test_buttons_scripts_and_formulas_are_ours(sound):
    page = page_of(sound[0])
    assert "colab.research" not in page
    assert page.count("const THEBE_JS_URL") == 1 and page.count("var togglebuttonSelector") == 1
    assert not re.search(r'<(?:script|link)[^>]+(?:src|href)="https?://', page)


@pytest.mark.parametrize(
    "warning",
    [
        "notebook 01_miyasawa.ipynb dprior_lite.profiles.VARIABLE changed after it was executed: run `make notebooks`",
        r"image without alt text: .*png",
        r'image without alt text: <img src="x.png">',
        r"equation eq-tiny uses \\varpi, which dprior_lite/course/notation.py does not list",
    ],
)
def test_each_fault_of_a_page_is_a_warning(unsound, warning):
    assert re.search(f"WARNING: {warning}", unsound[1].stderr), unsound[1].stderr


def test_a_warning_fails_the_build(unsound):
    assert unsound[1].returncode != 0


def test_a_failing_claim_fails_the_build(unsound):
    root, built = unsound
    assert built.returncode != 0
    told = "WARNING: notebook 11_energy.ipynb its code changed after it was executed: run `make notebooks`"
    assert told in built.stderr and re.search(r"11_energy\.md: WARNING: .*[Ee]xecut", built.stderr), built.stderr
    assert "ClaimFailed" in (root / "_build/html/reports/book/11_energy.err.log").read_text()
    assert not (root / "_build/html/reports/book/01_miyasawa.err.log").exists()


def test_the_book_of_the_course_builds_without_a_warning():
    command = [*tinybook.JUPYTER_BOOK, str(HERE), "-W", "-n", "--keep-going"]
    built = subprocess.run(
        command, capture_output=True, text=True, cwd=HERE, env=os.environ | {"DPRIOR_PROFILE": "class", "NO_COLOR": "1"}
    )
    if built.returncode:
        shutil.rmtree(HERE / "_build/.doctrees", ignore_errors=True)
    assert built.returncode == 0, built.stderr[-5000:]
    assert (HERE / "_build/html/index.html").is_file()
