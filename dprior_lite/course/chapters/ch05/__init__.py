"""Chapter 5: inverse problems."""

from __future__ import annotations

from dprior_lite.course.chapters.chapter import Chapter

CHAPTER = Chapter("05_inverse_problems", "Inverse problems", prefix="in", column=3, row=2, needs=("04",))
