"""Chapter 2: bias-free denoising."""

from __future__ import annotations

from dprior_lite.course.chapters.chapter import Chapter

CHAPTER = Chapter("02_bias_free", "Bias-free denoising", prefix="bf", column=1, row=1, needs=("01",))
