"""Chapter 9: the harmonic bases in which a denoiser shrinks."""

from __future__ import annotations

from dprior_lite.course.chapters.chapter import Chapter

CHAPTER = Chapter("09_harmonic_bases", "Harmonic bases", prefix="hb", column=4, row=0, needs=("03", "08"))
