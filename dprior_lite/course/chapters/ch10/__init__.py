"""Chapter 10: blind diffusion, a sampler without a clock."""

from __future__ import annotations

from dprior_lite.course.chapters.chapter import Chapter

CHAPTER = Chapter("10_blind_diffusion", "Diffusion without a clock", prefix="bd", column=3, row=4, needs=("04",))
