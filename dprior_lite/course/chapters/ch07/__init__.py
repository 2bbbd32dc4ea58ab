"""Chapter 7: local conditional models over wavelet scales."""

from __future__ import annotations

from dprior_lite.course.chapters.chapter import Chapter

CHAPTER = Chapter("07_multiscale", "Multi-scale models", prefix="ms", column=3, row=3, needs=("04",))
