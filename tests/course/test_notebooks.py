"""Notebooks: what is kept, executed, refused and found stale; and the course's own are current."""

from __future__ import annotations

import argparse
import dataclasses
import json
import re

import nbformat
import pytest

from dprior_lite.cli import claims as claims_command
from dprior_lite.cli import notebooks as notebooks_command
from dprior_lite.course.chapters import KnownGap, claim
from dprior_lite.course.claims import ledger
from dprior_lite.course.claims.record import MIME
from dprior_lite.course.notebooks import execution, forbidden, freshness
from dprior_lite.course.notebooks import pairs as notebooks
from dprior_lite.course.notebooks.index import Index
from dprior_lite.gates import files

CELL = 'claims.check("mi-1", 3e-16, control=0.21)'


@pytest.fixture
def tree(executed):
    """The page of the executed tree; whatever a test changes is put back."""
    page = executed / "book/01_miyasawa.md"
    files = [page, notebooks.notebook_of(page)]
    before = [f.read_bytes() for f in files]
    yield page
    for file, content in zip(files, before):
        file.write_bytes(content)


def root_of(page):
    return page.parent.parent


def stored(page):
    return notebooks.read(notebooks.notebook_of(page))


def changed(page, change):
    """Store the notebook of a page with a change made to it."""
    notebook = stored(page)
    change(notebook)
    files.write_text(notebooks.notebook_of(page), notebooks.written(notebook))


def test_the_notebooks_of_the_course_are_current(monkeypatch, capsys):
    assert command(freshness.repository(), monkeypatch, "check") == 0, capsys.readouterr().out


def test_an_executed_page_is_current_and_its_ledger_holds_the_claim(tree):
    assert notebooks.faults(tree, root_of(tree)) == [] and not notebooks.sync(tree)
    (record,) = ledger.records(root_of(tree) / "notebooks")
    assert (record["id"], record["status"], record["value"], record["profile"]) == (
        "mi-1",
        "holds",
        {"value": 3e-16},
        "class",
    )


def test_what_is_stored_says_what_it_was_executed_with(tree):
    done = stored(tree).metadata["dprior"]
    assert done["profile"] == "class" and done["weights"] == {} and done["seconds"] >= 0 and done["peak_gib"] > 0
    assert "dprior_lite.profiles" in done["definitions"] and set(done["libraries"]) == {
        "torch",
        "numpy",
        "scikit-image",
    }
    assert not [
        m for m in done["definitions"] if m.startswith(("dprior_lite.course.claims", "dprior_lite.course.page.show"))
    ]


def test_nothing_stored_depends_on_the_clock(tree):
    text = notebooks.notebook_of(tree).read_text()
    assert "iopub" not in text and '"execution":' not in text
    assert "counting: 3/3\\n" in text and "\\r" not in text


def test_the_same_page_gives_the_same_notebook(tree):
    before = notebooks.notebook_of(tree).read_text()
    assert notebooks.run(tree, root_of(tree)) == []
    seconds = re.compile(r'"seconds": \d+|"peak_gib": [\d.]+')
    assert seconds.sub("", notebooks.notebook_of(tree).read_text()) == seconds.sub("", before)


def test_prose_may_change_and_outputs_stay(tree):
    tree.write_text(tree.read_text().replace("The number is", "Our number is"))
    assert notebooks.faults(tree, root_of(tree)) == ["differs from what its page asks for"]
    assert notebooks.sync(tree) and notebooks.faults(tree, root_of(tree)) == []


def test_code_may_not_change(tree):
    tree.write_text(tree.read_text().replace("0.21", "0.22"))
    notebooks.sync(tree)
    assert notebooks.faults(tree, root_of(tree)) == ["its code changed after it was executed"]
    kept = [bool(c.outputs) for c in stored(tree).cells if c.cell_type == "code"]
    assert kept == [False, True, True]


def test_a_page_depends_on_the_recipes_it_asked_for():
    """Not on those of other chapters, nor on the modules they stand in."""
    from dprior_lite.training import find, recipes

    root = freshness.repository()
    empty = {"cells": [], "metadata": {}}
    done = freshness.record(
        empty,
        Index(root),
        {
            "modules": ["dprior_lite.training.recipe", "dprior_lite.training.recipes.miyasawa"],
            "weights": {},
            "data": {},
            "measurements": {},
            "peak": 0,
            "recipes": {"photos-tiny": recipes.digest(find("photos-tiny"))},
        },
        0.0,
    )
    page = {"cells": [], "metadata": {"dprior": done}}
    assert list(done["definitions"]) == ["dprior_lite.training.recipe"] and freshness.stale(page, root) == []
    changed = {name: recipes.digest(dataclasses.replace(find(name), seed=5)) for name in ("photos-unet", "photos-tiny")}
    for name, reasons in (("photos-unet", []), ("photos-tiny", ["recipe photos-tiny changed after it was executed"])):
        with pytest.MonkeyPatch.context() as patch:
            now = recipes.digests() | {name: changed[name]}
            patch.setattr(recipes, "digests", lambda now=now: now)
            assert freshness.stale(page, root) == reasons


@pytest.mark.parametrize(
    "change, reason",
    [
        (lambda nb: nb.metadata["dprior"].update(profile="ci"), "profile 'ci'"),
        (lambda nb: nb.metadata["dprior"].update(weights={"net": "0" * 64}), "weight net changed"),
        (lambda nb: nb.metadata["dprior"].update(data={"photos": "0"}), "data set photos changed"),
        (lambda nb: nb.metadata["dprior"].update(recipes={"photos-unet": "0" * 16}), "recipe photos-unet changed"),
        (lambda nb: nb.metadata.pop("dprior"), "never executed"),
        (lambda nb: nb.metadata.update(widgets={}), "widget state"),
        (
            lambda nb: nb.cells[1].outputs.append(nbformat.v4.new_output("stream", name="stderr", text="careful")),
            "stderr: careful",
        ),
        (
            lambda nb: nb.cells[1].outputs.append(nbformat.v4.new_output("stream", text="in /home/me/pictures")),
            "path of this machine: /home/me",
        ),
        (
            lambda nb: nb.cells[1].outputs.append(nbformat.v4.new_output("stream", text="C:\\Users\\me")),
            "path of this machine",
        ),
        (
            lambda nb: nb.cells[1].outputs.append(
                nbformat.v4.new_output("display_data", {"text/html": "<p>/tmp/x</p>"})
            ),
            "path of this machine: /tmp/x",
        ),
        (
            lambda nb: nb.cells[1].outputs.append(
                nbformat.v4.new_output("display_data", {"application/vnd.jupyter.widget-view+json": {}})
            ),
            "widget",
        ),
        (lambda nb: nb.cells[1].outputs.append(nbformat.v4.new_output("stream", text="x" * 2**20)), "MB large"),
        (
            lambda nb: nb.cells[1].outputs.append(
                nbformat.v4.new_output("error", ename="E", evalue="no", traceback=[])
            ),
            "ended in E",
        ),
        (lambda nb: nb.cells[1].update(source="1 + 1"), "differs"),
    ],
)
def test_what_may_not_be_stored_is_found(tree, change, reason):
    changed(tree, change)
    assert any(reason in fault for fault in notebooks.faults(tree, root_of(tree)))


@pytest.mark.parametrize(
    "text",
    [
        "dprior_lite/data/photos",
        "a/b and/or c",
        "https://example.org/home/me",
        "</tmp>",
        "data:image/png;base64,/tmp/AAAA",
        "5/255",
    ],
)
def test_what_only_looks_like_a_path_is_let_through(tree, text):
    changed(tree, lambda nb: nb.cells[1].outputs.append(nbformat.v4.new_output("display_data", {"text/html": text})))
    assert notebooks.faults(tree, root_of(tree)) == []


def test_the_name_of_the_machine_is_found(tree, monkeypatch):
    forbidden._host.cache_clear()
    monkeypatch.setattr(forbidden.platform, "node", lambda: "lab-seven")
    changed(tree, lambda nb: nb.cells[1].outputs.append(nbformat.v4.new_output("stream", text="on lab-seven")))
    assert any("name of this machine" in fault for fault in notebooks.faults(tree, root_of(tree)))
    monkeypatch.undo()
    forbidden._host.cache_clear()


@pytest.mark.parametrize("gap", [False, True])
@pytest.mark.parametrize("value, refused", [(9.0, {False: 1, True: 0}), (1e-16, {False: 0, True: 1})])
def test_a_failing_claim_and_a_gap_that_holds_are_refused(monkeypatch, gap, value, refused):
    from dprior_lite.course.claims import record as records

    row = claim("mi-1")
    tried = KnownGap("too small", (("wider", 1.0), ("longer", 2.0)))
    monkeypatch.setattr(records, "claim", lambda id: dataclasses.replace(row, known_gap=tried if gap else None))
    stored = {
        "id": "mi-1",
        "value": {"value": value},
        "control": {"control": 1.0},
        "error": {},
        "profile": "class",
        "reason": "",
        "weights": {},
    }
    cell = nbformat.v4.new_code_cell(outputs=[nbformat.v4.new_output("display_data", {MIME: stored})])
    assert len(notebooks.unpublishable_claims(nbformat.v4.new_notebook(cells=[cell]))) == refused[gap]


def test_a_number_edited_by_hand_is_judged_anew(tree):
    """The verdict is derived from the number whenever it is read, and a failing claim is a finding."""

    def edit(nb):
        record = next(o["data"][MIME] for c in nb.cells for o in c.get("outputs", []) if MIME in o.get("data", {}))
        record["value"]["value"] = 99.0

    changed(tree, edit)
    (record,) = ledger.records(root_of(tree) / "notebooks")
    assert record["status"] == "fails"
    assert "mi-1 fails by its stored numbers" in ledger.inconsistencies(root_of(tree) / "notebooks", ["01_miyasawa"])


def test_a_page_with_a_failing_claim_is_not_stored(tree):
    before = notebooks.notebook_of(tree).read_bytes()
    tree.write_text(tree.read_text().replace("3e-16", "3e-6"))
    (reason,) = notebooks.run(tree, root_of(tree))
    assert "ClaimFailed" in reason and "Found 3·10⁻⁶; asked at most 10⁻¹⁰: missed" in reason
    assert notebooks.notebook_of(tree).read_bytes() == before


def test_an_edit_while_the_page_runs_comes_out_as_stale(tree):
    path = root_of(tree) / "dprior_lite/profiles.py"
    before = path.read_text()
    edit = f"\nfrom pathlib import Path\nPath('../dprior_lite/profiles.py').open('a').write('VARIABLE = 1')\n{CELL}"
    tree.write_text(tree.read_text().replace(CELL, edit, 1))
    try:
        assert notebooks.run(tree, root_of(tree)) == []
        assert notebooks.faults(tree, root_of(tree)) == ["dprior_lite.profiles.VARIABLE changed after it was executed"]
    finally:
        path.write_text(before)


def test_replaced_lines_and_split_streams_are_tidied():
    def stream(text, name="stdout"):
        return nbformat.v4.new_output("stream", name=name, text=text)

    figure = nbformat.v4.new_output("display_data", {"text/plain": "figure"})
    tidied = execution.tidy(
        [stream("step 1\rste"), stream("p 2\rdone\n"), figure, stream("after"), stream("!", "stderr")]
    )
    assert [o.get("text", "figure") for o in tidied] == ["done\n", "figure", "after", "!"]


def command(root, monkeypatch, *words):
    """Run a command of the notebook tool on a tree; give its exit status."""
    monkeypatch.setattr(freshness, "repository", lambda: root)
    parser = argparse.ArgumentParser()
    notebooks_command.cli(parser)
    return (args := parser.parse_args(words)).run(args)


def test_run_executes_only_what_is_stale(tree, monkeypatch, capsys):
    executed = []
    monkeypatch.setattr(notebooks_command, "run", lambda page, root: executed.append(page.stem) or [])
    tree.write_text(tree.read_text().replace("The number is", "Our number is"))
    assert command(root_of(tree), monkeypatch, "run") == 0 and executed == []
    assert command(root_of(tree), monkeypatch, "run", "--all", "01") == 0 and executed == ["01_miyasawa"]
    tree.write_text(tree.read_text().replace("0.21", "0.22"))
    assert command(root_of(tree), monkeypatch, "run") == 0 and len(executed) == 2


def test_check_says_what_to_do_and_finds_orphans(tree, monkeypatch, capsys):
    root = root_of(tree)
    assert command(root, monkeypatch, "check") == 0 and "all notebooks current" in capsys.readouterr().out
    orphan = root / "notebooks/99_gone.ipynb"
    orphan.write_text(notebooks.written(nbformat.v4.new_notebook()))
    tree.write_text(tree.read_text().replace("0.21", "0.22"))
    assert command(root, monkeypatch, "check") == 1
    told = capsys.readouterr().out
    assert "make notebooks refreshes it" in told and "99_gone should be deleted" in told
    orphan.unlink()


def test_a_page_is_chosen_by_the_beginning_of_its_name(tree):
    root = root_of(tree)
    assert notebooks.pages(root) == notebooks.pages(root, ["01"]) == [tree]
    with pytest.raises(ValueError, match="01_miyasawa"):
        notebooks.pages(root, ["07"])


def test_the_ledger_and_the_law_must_agree(tree):
    folder = root_of(tree) / "notebooks"

    def findings():
        return [f for f in ledger.inconsistencies(folder, ["01_miyasawa"]) if "mi-1" in f or "zz-1" in f]

    def record_of(nb):
        return next(o["data"][MIME] for c in nb.cells for o in c.get("outputs", []) if MIME in o.get("data", {}))

    assert findings() == []
    assert "mi-2 is recorded 0 times, not once" in ledger.inconsistencies(folder, ["01_miyasawa"])
    changed(tree, lambda nb: nb.cells.append(next(c for c in nb.cells if c.get("outputs"))))
    assert findings() == ["mi-1 is recorded 2 times, not once"]
    notebooks.run(tree, root_of(tree))
    changed(tree, lambda nb: record_of(nb)["value"].update(other=1.0))
    assert findings() == ["mi-1 was recorded with other parts than its rule has today"]
    changed(tree, lambda nb: record_of(nb).update(id="zz-1"))
    assert "zz-1 is stated by no page" in findings()


def test_the_readme_is_rewritten_between_its_marks_alone(tree):
    records = ledger.records(root_of(tree) / "notebooks")
    readme = f"# Title\n{ledger.BEGIN}\noutdated\n{ledger.END}\nrest\n"
    text = ledger.with_summary(readme, records)
    assert (
        text.startswith("# Title\n")
        and text.endswith(f"{ledger.END}\nrest\n")
        and "1 holds" in text
        and "outdated" not in text
    )
    assert ledger.with_summary(text, records) == text
    with pytest.raises(ValueError, match="once"):
        ledger.with_summary("# Title\n", records)


def test_the_ledger_is_json(tree, capsys, monkeypatch):
    monkeypatch.setattr(freshness, "repository", lambda: root_of(tree))
    parser = argparse.ArgumentParser()
    claims_command.cli(parser)
    assert (args := parser.parse_args(["--json"])).run(args) == 0
    (record,) = json.loads(capsys.readouterr().out)
    assert set(record) >= {
        "id",
        "status",
        "value",
        "threshold",
        "control",
        "paper",
        "profile",
        "weights",
        "data",
        "seed",
        "page",
    }
    assert (args := parser.parse_args([])).run(args) == 0
    assert "skipped in ci: af-8, in-7, en-11" in capsys.readouterr().out
