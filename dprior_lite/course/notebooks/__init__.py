"""Stored notebooks: written from their pages, executed, and checked for being current."""
