"""Chapter 6: which measurements to take."""

from __future__ import annotations

from dprior_lite.course.chapters.chapter import Chapter

CHAPTER = Chapter("06_optimal_measurements", "Optimal measurements", prefix="om", column=4, row=2, needs=("05",))
