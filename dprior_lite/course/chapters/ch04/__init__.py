"""Chapter 4: sampling the prior."""

from __future__ import annotations

from dprior_lite.course.chapters.chapter import Chapter

CHAPTER = Chapter("04_implicit_prior", "Sampling the prior", prefix="ip", column=2, row=2, needs=("02",))
