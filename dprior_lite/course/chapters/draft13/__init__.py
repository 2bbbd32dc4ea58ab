"""Chapter 13: what the middle of a denoiser represents."""

from __future__ import annotations

from dprior_lite.course.chapters.chapter import Chapter

CHAPTER = Chapter("13_semantics", "What the middle represents", prefix="se", column=5, row=2, needs=("12",))
