"""Measurements of chapter 1 that take longer than its page."""
