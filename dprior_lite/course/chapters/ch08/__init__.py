"""Chapter 8: from memorising to generalising."""

from __future__ import annotations

from dprior_lite.course.chapters.chapter import Chapter

CHAPTER = Chapter("08_generalization", "Generalise or memorise", prefix="ge", column=3, row=1, needs=("04",))
