"""The rules of the house: what may import what, what stands where, what every claim, equation and function must
have.
"""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import os
import pkgutil
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import jupytext
import pytest
from pyflakes.checker import Checker
from pyflakes.messages import UndefinedName

import dprior_lite
from dprior_lite.course.claims import ledger
from dprior_lite.course.notebooks import pairs as notebooks

HERE = Path(__file__).resolve().parents[2]
PACKAGE = HERE / "dprior_lite"
MODULES = sorted(
    m.name for m in pkgutil.walk_packages(dprior_lite.__path__, "dprior_lite.") if not m.name.endswith("__main__")
)
TOP = set(
    "book notebooks dprior_lite tests _config.yml _toc.yml requirements.txt README.md constraints.txt pyproject.toml"
    " Makefile LICENSE CITATION.cff CHANGELOG.md .gitignore .ci .github .gitattributes".split()
)

# who may import whom; what is not named here is science
BOTTOM = {"gates", "used", "machine", "profiles", "version"}
FRONT = {"__init__", "check", "store", "load", "weights", "check_denoiser"}
ALLOWED = {
    "bottom": {"bottom"},
    "nets": {"bottom", "nets"},
    "data": {"bottom", "data"},
    "science": {"bottom", "science", "nets"},
    "training": {"bottom", "training", "science", "data", "nets", "front"},
    "front": {"bottom", "front", "training", "science", "data", "nets"},
    "course": {"bottom", "course", "training", "science", "data", "nets", "front"},
    "cli": {"bottom", "cli", "course", "training", "science", "data", "nets", "front"},
}


def files():
    """Every file of the repository that is not ignored, relative to its root."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=HERE, capture_output=True, text=True
    )
    if listed.returncode:
        pytest.skip("not a git repository")
    return [Path(name) for name in listed.stdout.split("\0") if name and (HERE / name).is_file()]


def room(module):
    """Where a module belongs: a package of its own, the bottom, the front of the house, or the science."""
    first = (module.split(".") + ["__init__"])[1]
    if first in ALLOWED:
        return first
    return "cli" if first == "__main__" else "bottom" if first in BOTTOM else "front" if first in FRONT else "science"


def imports(path):
    """Names of the package's modules that a file imports, wherever in the file."""
    package = ".".join(path.relative_to(HERE).parent.parts)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(
                [*package.split(".")[: len(package.split(".")) - node.level + 1], *filter(None, [node.module])]
            )
            base = base if node.level else node.module
            yield from (f"{base}.{a.name}" for a in node.names)


def wrong_arrows(path):
    """Imports of a file that the order of the rooms does not allow."""
    here = room(".".join(path.relative_to(HERE).with_suffix("").parts))
    there = {name for name in imports(path) if name.split(".")[0] == "dprior_lite"}
    return sorted(name for name in there if room(name) not in ALLOWED[here])


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_upwards_only(path):
    assert wrong_arrows(path) == []


def test_a_wrong_arrow_is_seen(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "HERE", tmp_path)
    (tmp_path / "dprior_lite/nets").mkdir(parents=True)
    wrong = tmp_path / "dprior_lite/nets/a.py"
    for line in (
        "from dprior_lite.data import photos",
        "from ..data import photos",
        "from dprior_lite import miyasawa",
        "from ..course import claims",
    ):
        wrong.write_text(line)
        assert len(wrong_arrows(wrong)) == 1, line
    wrong.write_text("from dprior_lite.nets import unet\nfrom . import blocks\nimport torch\nfrom .blocks import conv3")
    assert wrong_arrows(wrong) == []


def lines_of_code(node):
    """Lines of a function without its docstring."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return (body[-1].end_lineno - body[0].lineno + 1 if body else 0) + (node.body[0].lineno - node.lineno)


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_modules_and_functions_are_short_and_public_ones_documented(path):
    source = path.read_text()
    functions = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert source.count("\n") <= 300 and max(map(len, source.splitlines() or [""])) <= 120
    assert [f.name for f in functions if lines_of_code(f) > 45] == []
    public = [n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef) and not n.name.startswith("_")]
    assert [f.name for f in public if not ast.get_docstring(f) or f.returns is None] == []


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name, capsys, monkeypatch):
    module = importlib.import_module(name)
    monkeypatch.setattr(
        "dprior_lite.course.claims.checks._checked", {}
    )  # the examples of other modules check claims too
    result = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert result.failed == 0, capsys.readouterr().out


def listed_functions():
    """The functions on the page of the package, as its directives choose them."""
    text = (HERE / "book/a_api.md").read_text()
    for name in re.findall(r"autofunction:: (\S+)", text):
        module, _, function = name.rpartition(".")
        yield name, getattr(importlib.import_module(module), function)
    for name, members in re.findall(r"automodule:: (\S+)\n +:members:([^\n]*)", text):
        module = importlib.import_module(name)
        chosen = [m.strip() for m in members.split(",") if m.strip()] or getattr(module, "__all__", None)
        chosen = chosen or [
            n for n, o in vars(module).items() if not n.startswith("_") and getattr(o, "__module__", "") == name
        ]
        yield from ((f"{name}.{n}", getattr(module, n)) for n in chosen)


def test_every_function_on_the_page_of_the_package_has_an_example():
    listed = [(name, thing) for name, thing in listed_functions() if inspect.isfunction(thing)]
    assert len(listed) > 20
    assert [name for name, function in listed if ">>>" not in (function.__doc__ or "")] == []


def code_cells(page):
    """The code cells of a page that belong to the narrative: exercise stubs and solutions left out."""
    cells = [c for c in jupytext.read(page).cells if c.cell_type == "code"]
    return [c.source for c in cells if not {"solution", "skip-execution"} & set(c.metadata.get("tags", []))]


def defined_twice(sources):
    """Names of functions that are defined more than once in the given pieces of code."""
    trees = [ast.parse(re.sub(r"(?m)^\s*[%!].*$", "", s)) for s in sources]
    names = Counter(n.name for tree in trees for n in ast.walk(tree) if isinstance(n, ast.FunctionDef))
    return sorted(name for name, count in names.items() if count > 1)


def test_no_function_is_defined_twice_in_the_book():
    assert defined_twice(["def f(): 1", "def f(): 2", "def g(): 3"]) == ["f"]
    assert defined_twice([s for page in notebooks.pages(HERE) for s in code_cells(page)]) == []


def labels(text):
    """Labels of the equations of a page."""
    return re.findall(r"\$\$\s*\((eq-[\w-]+)\)", text) + re.findall(r":label: *(eq-[\w-]+)", text)


def test_every_labelled_equation_has_a_test():
    assert labels("$$a = b$$ (eq-one)\n```{math}\n:label: eq-two\n```") == ["eq-one", "eq-two"]
    tests = "".join(p.read_text() for p in (HERE / "tests").rglob("test_*.py"))
    found = [label for page in sorted((HERE / "book").glob("*.md")) for label in labels(page.read_text())]
    assert len(set(found)) == len(found)
    assert [label for label in found if f"def test_{label.replace('-', '_')}" not in tests] == []


def test_every_claim_of_a_finished_page_is_checked_once():
    finished = [p.stem for p in (HERE / "notebooks").glob("*.ipynb")]
    assert ledger.inconsistencies(HERE / "notebooks", finished) == []


def test_what_is_skipped_in_ci_is_known():
    assert ledger.skipped_in_ci() == ("af-8", "in-7", "en-11")


def test_the_summary_in_the_readme_is_current():
    readme = (HERE / "README.md").read_text()
    assert readme == ledger.with_summary(readme, ledger.records(HERE / "notebooks"))


def undefined(code):
    """Names that a module uses and nowhere defines: a function that nothing calls may hold them for long."""
    names = [
        str(message.message_args[0])
        for message in Checker(ast.parse(code)).messages
        if isinstance(message, UndefinedName)
    ]
    return [name for name in names if name != "__path__"]  # every package has one


def test_no_undefined_names():
    assert undefined("def f():\n    return missing\n") == ["missing"]
    found = {str(path): undefined((HERE / path).read_text()) for path in files() if path.suffix == ".py"}
    assert len(found) > 90 and not {path: names for path, names in found.items() if names}


def malformed(constraints):
    """Lines that are no plain pin, or pin what differs from machine to machine."""
    plain = re.compile(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!_-]+")
    machine = re.compile(r"(nvidia|cuda|triton|torch==|setuptools==|pip==)", re.IGNORECASE)
    return [line for line in constraints.splitlines() if not plain.fullmatch(line) or machine.match(line)]


def test_constraints_are_plain_pins_that_suit_every_machine():
    wrong = ["a @ file:///b", "--index-url x", "torch==2.13.0", "torch==2.13.0+cpu", "nvidia-cublas==1", "b>=1", ""]
    assert malformed("numpy==2.4.6\ntorchmetrics==1.9.0\n" + "\n".join(wrong)) == wrong[:-1]
    text = (HERE / "constraints.txt").read_text()
    assert len(text.splitlines()) > 100 and malformed(text) == []


def test_requirements_are_pinned():
    lines = [x for x in (HERE / "requirements.txt").read_text().splitlines() if x and not x.startswith("#")]
    assert lines[0] == "-c constraints.txt" and lines[-1] == "-e ."
    assert [x for x in lines[1:-1] if not re.fullmatch(r"[A-Za-z0-9._-]+==[\w.]+", x)] == []


def test_the_top_level_holds_what_it_should():
    assert {f.parts[0] for f in files()} - TOP == set()


def test_the_repository_stays_small():
    size = {f: (HERE / f).stat().st_size for f in files()}
    assert [str(f) for f, n in size.items() if f.suffix == ".ipynb" and n > 1_000_000] == []
    assert sum(n for f, n in size.items() if f.suffix == ".ipynb") <= 15 * 2**20
    assert sum(n for f, n in size.items() if f.suffix == ".safetensors") <= 20 * 2**20


def foreign(text):
    """Addresses of one particular machine, or of a folder beside the repository."""
    words = ["/" + "work/", "/" + "root/", "shared" + "/", str(HERE) if len(str(HERE)) > 5 else "\0"]
    return [word for word in words if word in text]


def test_no_file_speaks_of_one_machine():
    assert foreign("see " + "../shared" + "/data") and not foreign("see ../data")
    text = (f for f in files() if f.suffix not in {".safetensors", ".png", ".gz", ".npz"} and str(f) != ".ci/run")
    assert {str(f): foreign((HERE / f).read_text("utf8")) for f in text if foreign((HERE / f).read_text("utf8"))} == {}


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The wheel, built from a copy of the tree and installed into an empty folder."""
    root = tmp_path_factory.mktemp("wheel")
    tree, site = root / "tree", root / "site"
    shutil.copytree(PACKAGE, tree / "dprior_lite", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(HERE / name, tree)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    subprocess.run(
        [*pip, "wheel", "--no-build-isolation", "--no-deps", "-w", str(root), str(tree)],
        check=True,
        capture_output=True,
    )
    subprocess.run(
        [*pip, "install", "--no-deps", "--no-index", "--target", str(site), *map(str, root.glob("*.whl"))], check=True
    )
    return site


def run_installed(site, code):
    """Run code with the installed package, far from the repository."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DPRIOR")} | {"PYTHONPATH": str(site)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=site.parent, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_stands_alone(installed):
    told = run_installed(
        installed,
        "import dprior_lite, dprior_lite.course as c; c.predict; import dprior_lite.course.web.widgets as w;"
        " w.static('core.js'); print(dprior_lite.__file__)",
    )
    assert told.startswith(str(installed))
    plain = {".js", ".css", ".html", ".json"}
    wanted = {str(p.relative_to(PACKAGE)) for p in PACKAGE.rglob("*") if p.suffix in plain}
    found = {
        str(p.relative_to(installed / "dprior_lite"))
        for p in (installed / "dprior_lite").rglob("*")
        if p.suffix in plain
    }
    assert wanted == found


def test_the_wheel_loads_a_weight(installed):
    names = sorted(p.stem for p in (PACKAGE / "weights").glob("*.safetensors"))
    if not names:
        pytest.skip("no weight is shipped yet")
    assert "Parameter" in run_installed(
        installed, f"import dprior_lite; print(next(dprior_lite.load({names[0]!r}).parameters()))"
    )
