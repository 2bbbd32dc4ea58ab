"""A clone on Windows keeps the line ends that shells and hashes need."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parents[2]


def test_a_clone_with_autocrlf_keeps_its_line_ends(tmp_path: Path) -> None:
    """Git would turn every line end of a text file into two bytes; `.gitattributes` says otherwise."""
    if not (HERE / ".git").exists():
        pytest.skip("not a git repository")
    names = (".ci/run", "Makefile", "dprior_lite/store.py", "README.md", "dprior_lite/weights/photos-tiny.json")
    for attributes, ends in (((HERE / ".gitattributes").read_text(), 0), ("", 1)):
        source, clone = tmp_path / f"source-{ends}", tmp_path / f"clone-{ends}"
        source.mkdir()
        git = ["git", "-C", str(source), "-c", "user.name=a", "-c", "user.email=a@b"]
        subprocess.run([*git, "init", "-q"], check=True)
        (source / ".gitattributes").write_text(attributes)
        for name in names:
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((HERE / name).read_bytes())
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, "commit", "-qm", "a"], check=True)
        subprocess.run(["git", "clone", "-q", "-c", "core.autocrlf=true", str(source), str(clone)], check=True)
        found = [name for name in names if b"\r\n" in (clone / name).read_bytes()]
        assert found == (list(names) if ends else [])
