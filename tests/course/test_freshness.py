"""What makes a stored page stale: what can change a number, and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest

from dprior_lite.course import measurements
from dprior_lite.course.notebooks import freshness
from dprior_lite.course.notebooks.definitions import read_module, stripped, written
from dprior_lite.course.notebooks.index import Index, counts

HERE = Path(__file__).resolve().parents[2]
PACKAGE = "dprior_lite"

# what an edit is, and the edit: a file, and what stands there before and after
HARMLESS = {
    "the text of an error": ("store.py", "There is no weight", "No weight is called"),
    "an import statement": (
        "miyasawa.py",
        "from __future__ import annotations\n",
        "from __future__ import annotations\nimport sys\n",
    ),
    "one more re-export": (
        "geometry/__init__.py",
        "__all__ = [",
        "from dprior_lite.metrics import psnr  # noqa\n\n__all__ = [\n    'psnr',",
    ),
    "the look of a card": ("course/claims/card.html", "dprior-claim", "dprior-claim dprior-new"),
    "one number of a style sheet": ("course/web/widgets.css", "{", "{ margin: 3px; "),
    "a comment in a script": ("course/web/core.js", "", "// a comment\n"),
    "a new widget": ("course/__init__.py", '"receipt": ', '"Other": "web.frames:Frames",\n    "receipt": '),
    "a new version": ("version.py", "__version__ = ", "__version__ = '9' + "),
    "a new field with a default in Recipe": (
        "training/recipe.py",
        '    finish: str = ""\n',
        '    finish: str = ""\n    other: int = 3\n',
    ),
    "a docstring": ("sampling/__init__.py", '"""', '"""More words. '),
    "a new function": ("metrics.py", "\ndef psnr(", "\ndef other(x):\n    return x\n\n\ndef psnr("),
    "a new data set": ("data/registry.py", 'Source("mixture", ', 'Source("other", "1", "", 0), Source("mixture", '),
    "what was tried": ("course/chapters/ch04/tried.py", "GAPS = {", "OTHER = 1\nGAPS = {"),
    "a bound": ("course/chapters/ch01/claims.py", "1e-10", "1e-9"),
    "a question": ("course/chapters/ch01/questions.py", "ITEMS", "OTHER = 1\nITEMS"),
}
HARMFUL = {
    "an exponent in an identity": ("miyasawa.py", "return level**2 if one", "return level**3 if one"),
    "a default of the sampler": ("sampling/step.py", "beta: float = 0.1", "beta: float = 0.2"),
    "the rounds of a solver": ("course/lab/classical.py", "max_num_iter=", "max_num_iter=2 * "),
    "a re-export that leads elsewhere": (
        "metrics.py",
        "\ndef psnr(",
        "\nfrom dprior_lite.miyasawa import noisy as psnr\n\n\ndef old(",
    ),
    "a constant of a network": ("nets/blocks.py", "1e-5", "1e-4"),
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of the package and of the stored notebooks."""
    root = tmp_path_factory.mktemp("tree")
    shutil.copytree(HERE / PACKAGE, root / PACKAGE, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(HERE / "notebooks", root / "notebooks")
    return root


@pytest.fixture(scope="module")
def pages(tree):
    return {p.stem: nbformat.read(p, as_version=4) for p in sorted((tree / "notebooks").glob("*.ipynb"))}


@pytest.fixture
def edited(tree, request):
    """The copy with one edit, which is taken back."""
    file, before, after = request.param
    path = tree / PACKAGE / file
    text = path.read_text(encoding="utf8")
    assert before in text, f"{file} no longer holds {before!r}: choose another edit"
    path.write_text(text.replace(before, after, 1), encoding="utf8")
    yield tree
    path.write_text(text, encoding="utf8")


def stale_pages(root, pages):
    index = Index(root)
    return {name: reasons for name, page in pages.items() if (reasons := freshness.stale(page, root, index))}


def stale_measurements(root):
    index = Index(root)
    stored = [measurements.read(path) for path in sorted((root / PACKAGE).glob("course/chapters/*/measured/*.json"))]
    return [m["id"] for m in stored if freshness.changed_definitions(m["definitions"], index)]


def test_the_copy_is_current(tree, pages):
    assert stale_pages(tree, pages) == {} and stale_measurements(tree) == []


@pytest.mark.parametrize("edited", HARMLESS.values(), ids=HARMLESS, indirect=True)
def test_a_harmless_edit_leaves_every_page_and_measurement_current(edited, pages):
    assert stale_pages(edited, pages) == {} and stale_measurements(edited) == []


@pytest.mark.parametrize("edited", HARMFUL.values(), ids=HARMFUL, indirect=True)
def test_a_harmful_edit_is_caught(edited, pages):
    assert stale_pages(edited, pages)


def test_a_moved_module_leaves_every_page_current(tree, pages):
    path, moved = tree / PACKAGE / "metrics.py", tree / PACKAGE / "measures.py"
    others = [p for p in (tree / PACKAGE).rglob("*.py") if "dprior_lite.metrics" in p.read_text(encoding="utf8")]
    texts = {p: p.read_text(encoding="utf8") for p in others if p != path}
    text = path.read_text(encoding="utf8")
    try:
        path.rename(moved)
        path.write_text("from dprior_lite.measures import psnr, psnr_each, ssim\n")
        for other, content in texts.items():
            other.write_text(content.replace("dprior_lite.metrics", "dprior_lite.measures"), encoding="utf8")
        assert stale_pages(tree, pages) == {}
    finally:
        moved.unlink()
        for other, content in (texts | {path: text}).items():
            other.write_text(content, encoding="utf8")


def test_a_registered_chapter_leaves_every_page_current(tree, pages):
    folder = tree / PACKAGE / "course/chapters/ch97"
    folder.mkdir()
    (folder / "__init__.py").write_text("CHAPTER = 1\n")
    (folder / "claims.py").write_text("CLAIMS = ()\n")
    try:
        assert stale_pages(tree, pages) == {}
    finally:
        shutil.rmtree(folder)


def test_another_torch_is_caught(tree, pages, monkeypatch):
    monkeypatch.setattr(freshness, "libraries", lambda: {"torch": "99.0", "numpy": "1", "scikit-image": "1"})
    assert set(stale_pages(tree, pages)) == set(pages)


def digest_of(source, name="f"):
    return written(stripped(read_module(source, "dprior_lite.a").nodes[name]))


@pytest.mark.parametrize(
    "before, after, same",
    [
        ("def f(x): return x", "def f(x: int) -> int:\n  '''Say.'''\n  return x  # it", True),
        ("def f(x):\n  raise ValueError('a')", "def f(x):\n  raise ValueError(f'b {x}')", True),
        ("def f(x):\n  raise ValueError('a')", "def f(x):\n  raise TypeError('a')", False),
        ("def f(x): return x + 1", "def f(x): return x + 2", False),
        ("def f(x, k=1): return x", "def f(x, k=2): return x", False),
        ("def f(x):\n  warn('it is too large here')", "def f(x):\n  warn('this one is too small')", True),
        ("def f(x): return x['a']", "def f(x): return x['b']", False),
        ("def f(x): return sum('ij, jk -> ik', x)", "def f(x): return sum('ij, kj -> ik', x)", False),
    ],
)
def test_what_counts_in_a_function(before, after, same):
    assert (digest_of(before) == digest_of(after)) is same


def test_a_class_shows_its_methods_and_its_fields_without_default():
    plain = "class A:\n  x: int\n  def g(self): return 1\n"
    assert digest_of(plain, "A") == digest_of(plain + "  y: int = 2\n", "A")
    assert digest_of(plain, "A") != digest_of(plain + "  y: int\n", "A")
    assert digest_of(plain, "A") != digest_of(plain + "  def h(self): return 1\n", "A")
    assert digest_of(plain, "A.g") != digest_of(plain.replace("return 1", "return 2"), "A.g")


def test_names_resolve_through_every_re_export():
    index = Index(HERE)
    assert index.resolve("dprior_lite", "load") == ("dprior_lite.store", "load")
    assert index.resolve("dprior_lite.training", "fit") == ("dprior_lite.training.loop", "fit")
    assert index.resolve("dprior_lite", "no_such") is None
    assert index.resolve("dprior_lite", "miyasawa")[1] == ""


def test_looks_do_not_count_and_science_does():
    assert [counts(f"dprior_lite.{m}") for m in ("energy.density", "training.loop", "course.lab.toys")] == [True] * 3
    assert [counts(f"dprior_lite.{m}") for m in ("course.page.figures", "cli.train", "version")] == [False] * 3


def test_a_comment_in_a_page_keeps_its_outputs_current():
    page = {"cells": [{"cell_type": "code", "source": "x = 1", "metadata": {"tags": ["hide-input"]}}]}
    other = {"cells": [{"cell_type": "code", "source": "x = 1  # one", "metadata": {}}]}
    assert freshness.code_hash(page) == freshness.code_hash(other)
    other["cells"][0]["source"] = "x = 2"
    assert freshness.code_hash(page) != freshness.code_hash(other)
