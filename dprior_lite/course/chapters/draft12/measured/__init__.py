"""Stored measurements of chapter 12."""
