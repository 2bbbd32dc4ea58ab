"""Chapter 3: what a denoiser computes."""

from __future__ import annotations

from dprior_lite.course.chapters.chapter import Chapter

CHAPTER = Chapter("03_adaptive_filters", "What a denoiser computes", prefix="af", column=2, row=0, needs=("02",))
