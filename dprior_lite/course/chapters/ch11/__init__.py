"""Chapter 11: normalised energies."""

from __future__ import annotations

from dprior_lite.course.chapters.chapter import Chapter

CHAPTER = Chapter("11_energy", "Normalised energies", prefix="en", column=1, row=4, needs=("01",))
