"""Chapter 1: a denoiser is a score."""

from __future__ import annotations

from dprior_lite.course.chapters.chapter import Chapter

CHAPTER = Chapter("01_miyasawa", "A denoiser is a score", prefix="mi", column=0, row=1)
