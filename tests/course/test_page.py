"""What a page shows of code, progress, cost and notation."""

from __future__ import annotations

import io
import re
import sys

import pytest

from dprior_lite.course.lab import bench
from dprior_lite.course.page import notation, profiles
from dprior_lite.course.page import receipt as receipts
from dprior_lite.course.page.progress import Line, progress
from dprior_lite.course.page.show import show, source_without_docstring


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def settled(text: str) -> str:
    """What a terminal shows in the end."""
    return re.sub(r"[^\n]*\r(?=[^\n])", "", text)


def test_a_pipe_gets_the_last_line_alone(capsys):
    with Line("training", total=3) as line:
        for step in range(3):
            line.update(step + 1, loss=0.5)
    assert capsys.readouterr().out == "training: 3/3, loss 0.5\n"


def test_a_terminal_sees_one_line_that_replaces_itself(monkeypatch):
    stream = Terminal()
    monkeypatch.setattr(sys, "stdout", stream)
    with Line("training", total=12, every=0) as line:
        for step in range(12):
            line.update(step + 1)
    assert stream.getvalue().count("\n") == 1 and stream.getvalue().count("\r") > 12
    assert settled(stream.getvalue()) == "training: 12/12\n"


def test_an_interrupted_line_says_so_and_lets_the_error_through(capsys):
    with pytest.raises(ValueError), Line("training", total=2) as line:
        line.update(1)
        raise ValueError
    assert capsys.readouterr().out == "training: 1/2, interrupted\n"


def test_progress_passes_items_through(capsys):
    assert list(progress(iter("ab"), "letters")) == ["a", "b"]
    captured = capsys.readouterr()
    assert captured.out == "letters: 2\n" and captured.err == ""


def documented(x: int) -> int:
    """Double a number."""

    # the reason
    def inner(y: int) -> int:
        """Inside."""
        return 2 * y

    return inner(x)


def test_show_leaves_out_docstrings_and_keeps_comments(capsys):
    source = source_without_docstring(documented)
    assert "Double" not in source and "Inside" not in source and "# the reason" in source
    scope: dict = {}
    exec(source, scope)
    assert scope["documented"](4) == 8
    show(documented, profiles.current)
    head = r"# tests/course/test_page\.py, dprior_lite/[\w/]*profiles\.py\ndef documented"
    assert re.match(head, capsys.readouterr().out)


def test_a_receipt_names_no_machine_and_no_path(capsys, monkeypatch):
    monkeypatch.setattr(receipts, "used", lambda kind: {})
    receipts.receipt()
    text = capsys.readouterr().out
    assert "profile: " in text and "from shipped weights: nothing" in text
    assert not re.search(r"/(home|root|tmp|work|usr)/", text)


def loads(monkeypatch, *names):
    """A page that has loaded these weights."""
    monkeypatch.setattr(receipts, "used", lambda kind: dict.fromkeys(names, "abc") if kind == "weights" else {})


def test_where_pages_are_published_a_receipt_must_account_for_every_weight(capsys, monkeypatch):
    loads(monkeypatch, "net")
    monkeypatch.setenv(receipts.STRICT, "1")
    receipts.receipt({"net": "mi-4, mi-5"})
    assert "from shipped weights: mi-4, mi-5 (net)" in capsys.readouterr().out
    for wrong in (None, {"other": "mi-4"}, {"net": "mi-4", "other": "mi-5"}):
        with pytest.raises(ValueError, match="loaded net"):
            receipts.receipt(wrong)


def test_a_receipt_leaves_out_what_an_absent_set_would_have_needed(capsys, monkeypatch):
    loads(monkeypatch, "net")
    monkeypatch.setenv(receipts.STRICT, "1")
    monkeypatch.setattr(receipts, "checked", lambda: ({"status": "holds"}, {"status": "not measured"}))
    receipts.receipt({"net": "mi-4", "other": "mi-5"})
    assert "from shipped weights: mi-4 (net)" in capsys.readouterr().out
    with pytest.raises(ValueError, match="loaded net"):
        receipts.receipt({"other": "mi-4"})


@pytest.mark.parametrize("strict", [None, "0", ""])
@pytest.mark.parametrize("told", [None, {"other": "mi-4"}, {"net": "mi-4", "other": "mi-5"}])
def test_a_readers_receipt_lists_what_was_loaded_and_never_fails(capsys, monkeypatch, strict, told):
    loads(monkeypatch, "net", "own")
    monkeypatch.delenv(receipts.STRICT, raising=False)
    if strict is not None:
        monkeypatch.setenv(receipts.STRICT, strict)
    monkeypatch.setattr(receipts, "peak_bytes", lambda: 1 / 0)
    receipts.receipt(told)
    text = capsys.readouterr().out
    assert f"from shipped weights: {'mi-4 (net)' if told and 'net' in told else 'net'}; own" in text
    assert "peak memory: not known here" in text and "other" not in text.replace("everything else", "")


@pytest.mark.parametrize(
    "formula, symbols",
    [
        (r"\hat{x}(y) = y + \sigma^2 \nabla_y \log p_\sigma(y)", [r"\hat x", "y", r"\sigma", "p"]),
        (r"\hat x = \hat  {x}", [r"\hat x"]),
        (r"\operatorname{Cov}[x \mid y] = \mathrm{Cov}", [r"\operatorname{Cov}", "x", "y"]),
        (r"\int p(x) \,\mathrm{d}x \quad\text{for every } \mathbb{E}", ["p", "x", r"\mathbb E"]),
        (r"\hat\mu = \frac{1}{K}", [r"\hat \mu", "K"]),
    ],
)
def test_a_formula_is_read_symbol_by_symbol(formula, symbols):
    assert notation.symbols_in(formula) == symbols


def test_an_unlisted_symbol_is_found_and_a_listed_one_is_not():
    assert notation.unlisted(r"r(y) = \hat x(y) - y = \sigma^2 \nabla \log p_\sigma(y)") == []
    assert notation.unlisted(r"\tilde x = \Omega y + Q") == [r"\tilde x", r"\Omega", "Q"]


def test_each_symbol_is_listed_once():
    spellings = [s.latex for s in notation.SYMBOLS]
    assert len(set(spellings)) == len(spellings)
    assert all(s.meaning and re.fullmatch(r"\d\d", s.page) for s in notation.SYMBOLS)


def test_the_table_has_a_row_for_each_symbol():
    rows = notation.table().splitlines()
    assert len(rows) == 2 + len(notation.SYMBOLS) and len({row.count("|") for row in rows}) == 1


def test_a_ratio_is_the_median_of_alternated_pairs(monkeypatch):
    calls = []
    now = {"t": 0.0}

    def work(name, seconds):
        calls.append(name)
        now["t"] += seconds

    monkeypatch.setattr(bench.time, "perf_counter", lambda: now["t"])
    found = bench.ratio(lambda: work("ours", 2.0), lambda: work("theirs", 5.0 if len(calls) < 8 else 50.0))
    assert calls == ["ours", "theirs"] * 6
    assert (found.low, found.median, found.high, found.seconds) == (2.5, 2.5, 25.0, 2.0)
    with pytest.raises(ValueError, match="at least 5"):
        bench.ratio(int, int, pairs=4)
