"""Interactive figures that need no kernel: each one's Python, script and template stand side by side."""
