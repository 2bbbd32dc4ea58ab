"""A book of two pages with the course's own configuration, extension and tools, to be broken on purpose."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
# not the script beside the interpreter: after a folder was moved it names an interpreter that is gone
JUPYTER_BOOK = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build"]

HEADER = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
    format_version: 0.13
kernelspec:
  name: python3
  display_name: Python 3 (ipykernel)
  language: python
---

"""
TOC = """format: jb-book
root: book/00_start_here
parts:
  - caption: Chapters
    numbered: true
    chapters:
      - file: book/01_miyasawa
      - file: book/11_energy
  - caption: More
    chapters:
      - file: book/14_scorecard
"""
LATER = """# A later chapter

## A section of it

The chapters between are not written yet.
"""
START = """# Start

## Notation

```{notation}
```
"""
PAGE = (
    HEADER
    + r"""# A page

The number is {glue:text}`mi-1.value:.1e`, its control {glue:text}`mi-1.control:.2f`.

## A claim

```{code-cell} ipython3
from dprior_lite.course import progress, show
from dprior_lite.course.claims import checks as claims

for step in progress([1, 2, 3], "counting"):
    pass
claims.check("mi-1", 3e-16, control=0.21)
```

```{math}
:label: eq-tiny
y = x + \sigma z
```

## A figure

```{code-cell} ipython3
---
mystnb:
  image:
    alt: a rising line
---
import matplotlib.pyplot as plt

fig, ax = plt.subplots(figsize=(1, 1))
ax.plot([0, 1]);
```

```{code-cell} ipython3
from dprior_lite.course.page.profiles import current

show(current)
```
"""
)


def make(root: Path, page: str = PAGE) -> Path:
    """Write the tiny book and a copy of the package's sources into an empty folder; return its page 01."""
    (root / "book").mkdir(parents=True)
    (root / "notebooks").mkdir()
    shutil.copy(HERE / "_config.yml", root)
    for name in ("_ext", "_static"):
        shutil.copytree(HERE / "book" / name, root / "book" / name)
    for name in ("14_scorecard.md", "references.bib"):
        shutil.copy(HERE / "book" / name, root / "book")
    shutil.copytree(
        HERE / "dprior_lite", root / "dprior_lite", ignore=shutil.ignore_patterns("*.safetensors", "__pycache__")
    )
    (root / "_toc.yml").write_text(TOC)
    (root / "book/00_start_here.md").write_text(START)
    (root / "book/11_energy.md").write_text(LATER)
    (root / "book/01_miyasawa.md").write_text(page)
    return root / "book/01_miyasawa.md"


def build(root: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Build the book of a folder as `make book` does, with more variables of the environment if given."""
    command = [*JUPYTER_BOOK, str(root), "-W", "-n", "--keep-going"]
    environment = os.environ | {"DPRIOR_PROFILE": "class", "NO_COLOR": "1"} | environment
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=root)
