"""Chapter 0: start here."""

from __future__ import annotations

from dprior_lite.course.chapters.chapter import Chapter

CHAPTER = Chapter("00_start_here", "Start here")
