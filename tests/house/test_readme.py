"""The README's commands: words that each shell takes as they are, and that exist; and the workflow that runs them."""

from __future__ import annotations

import argparse
import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest
import yaml

from dprior_lite.__main__ import commands
from dprior_lite.course.page.profiles import NAMES

HERE = Path(__file__).resolve().parents[2]
CONTRIBUTING = (HERE / "book/a_contributing.md").read_text(encoding="utf8")
README = (HERE / "README.md").read_text(encoding="utf8")
MAKEFILE = (HERE / "Makefile").read_text(encoding="utf8")


def blocks(text):
    """The fenced blocks of a page: the shell that each names, and its lines."""
    found = re.findall(r"(?ms)^```(\S*)\n(.*?)^```$", text)
    return [(shell, content.splitlines()) for shell, content in found]


def faults_in_bash(line):
    """Why bash and zsh would not take a typed line as it stands: zsh has no comments there and wants globs to match."""
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", "", line)
    found = [f"{sign} is special" for sign in "#*?[]{}!<>|;&`" if sign in bare]
    words = shlex.split(line)
    if shlex.split(line, comments=True) != words:
        found.append("a comment at its end")
    if any(word.startswith(("=", "~")) for word in words):
        found.append("zsh expands = and ~ at the beginning of a word")
    return found + ([] if line == line.strip() else ["blanks around it"])


def faults_in_cmd(line):
    """Why the Windows Command Prompt would not take a line as it stands."""
    found = [f"{sign} is special or not a quotation mark" for sign in "#'%^&|<>!`" if sign in line]
    setting = re.fullmatch(r"set (\w+)=(.*)", line)
    if setting and setting[2] not in ("", *NAMES):
        found.append(f"{setting[1]} would become {setting[2]!r}")
    if "/bin/" in line or line.startswith(("export ", "source ")):
        found.append("a word of another shell")
    return found + ([] if line == line.strip() else ["blanks around it"])


FAULTS = {"bash": faults_in_bash, "bat": faults_in_cmd}


def test_every_block_names_its_shell_and_every_line_is_taken_as_it_stands():
    assert {shell for shell, _ in blocks(README)} == {"bash", "bat"}
    typed = [(shell, line) for text in (README, CONTRIBUTING) for shell, lines in blocks(text) for line in lines]
    found = {line: FAULTS[shell](line) for shell, line in typed if shell != "python"}
    assert len(found) > 8 and not {line: why for line, why in found.items() if why}


@pytest.mark.parametrize(
    "shell, line",
    [
        ("bash", "make book      # environment, then the book"),
        ("bash", "pip install -e .[deepinv]"),
        ("bash", "python -m pytest tests/*"),
        ("bash", "echo =python"),
        ("bash", "make book "),
        ("bat", "set DPRIOR_PROFILE=ci                   # elsewhere: export"),
        ("bat", "set DPRIOR_PROFILE=quick"),
        ("bat", "set DPRIOR_PROFILE=ci "),
        ("bat", "source .venv/bin/activate"),
        ("bat", "echo 'a'"),
    ],
)
def test_a_line_that_a_shell_would_misread_is_seen(shell, line):
    assert FAULTS[shell](line)


def test_the_commands_without_make_are_those_of_make():
    listed = {shell: [shlex.split(line.replace("\\", "/")) for line in lines] for shell, lines in blocks(README)}
    builds = [words[words.index("build") :] for lines in listed.values() for words in lines if "build" in words]
    tests = [words[words.index("pytest") + 1 :] for lines in listed.values() for words in lines if "pytest" in words]
    book = re.search(r"(?m)^BOOK := (.*)$", MAKEFILE)[1].replace("$(JUPYTER_BOOK)", "build .")
    test = re.search(r"(?m)^PYTEST := .* -m pytest (--nbval.*)$", MAKEFILE)[1]
    assert builds == [shlex.split(book)[1:]] * 2 and tests == [shlex.split(test)] * 2
    assert "DPRIOR_PROFILE=ci" in sum(listed["bash"], []) and ["set", "DPRIOR_PROFILE=ci"] in listed["bat"]


def quoted(text):
    """Everything a page shows as code: the lines of its blocks and what stands in backticks."""
    return [line for _, lines in blocks(text) for line in lines] + re.findall(r"`([^`\n]+)`", text)


def unknown(text):
    """Targets of make and commands of the package that a page names and that are not there."""
    targets = set(re.findall(r"(?m)^([a-z][\w-]*):", MAKEFILE))
    for code in quoted(text):
        if (named := re.match(r"make ([\w-]+)", code)) and named[1] not in targets:
            yield code
        if run := re.match(r"(?:\S*python )?-m dprior_lite (.+)", code):
            words = shlex.split(run[1])
            if words[0] not in commands() or not parsed(words):
                yield code


def parsed(words):
    """Whether the package understands the words of a command."""
    parser = argparse.ArgumentParser(exit_on_error=False)
    import_module(f"dprior_lite.cli.{words[0].replace('-', '_')}").cli(parser)
    try:
        return parser.parse_args(words[1:]) is not None
    except (argparse.ArgumentError, SystemExit):
        return False


def test_every_command_that_the_readme_names_is_there(capsys):
    assert list(unknown("`make nonsense`, `python -m dprior_lite nonsense`, `python -m dprior_lite train --nonsense`"))
    assert len(list(unknown("`make x`\n```bash\nmake y\npython -m dprior_lite weights --z\n```"))) == 3
    assert list(unknown(README)) == [] == list(unknown(CONTRIBUTING))


def test_every_file_that_the_page_for_contributors_names_is_there():
    planned = ("ch06", "06_", "measurements.py", "NN_name")  # the chapter that it takes as an example
    named = [p for p in re.findall(r"`([\w./*-]+)`", CONTRIBUTING) if "/" in p]
    paths = [p for p in named if not any(word in p for word in planned)]
    assert len(paths) > 15 and [p for p in paths if not list(HERE.glob(p))] == []
    assert len(CONTRIBUTING.split()) <= 900


def test_the_readmes_python_compiles():
    lines = [code for code in quoted(README) if code.startswith(("from ", "import "))]
    assert len(lines) >= 2
    for line in lines:
        compile(line, "README.md", "exec")


def test_the_readme_states_what_a_machine_needs():
    for words in ("2 GB of memory", "GB of disk", "Linux", "macOS", "Windows", "Python 3.11, 3.12 or 3.13"):
        assert words in " ".join(README.split()), words
    assert "Chapters 0 to" not in README  # what is in the book is told by the table, which is written from the ledger


def test_the_workflow_calls_the_two_commands_and_uploads_the_book():
    workflow = yaml.safe_load((HERE / ".github/workflows/book.yml").read_text())
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    assert [step["run"] for step in steps if "run" in step] == ["make test", "make book"]
    assert [s["with"]["path"] for s in steps if "upload" in s.get("uses", "")] == ["_build/html"]
    assert {job["runs-on"] for job in workflow["jobs"].values()} == {"ubuntu-latest"}
