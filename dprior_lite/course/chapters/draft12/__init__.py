"""Chapter 12: sampling one class by moving the features of a picture to those of its class."""

from __future__ import annotations

from dprior_lite.course.chapters.chapter import Chapter

CHAPTER = Chapter("12_feature_guidance", "Feature guidance", prefix="fg", column=4, row=4, needs=("04",))
