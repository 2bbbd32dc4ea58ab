"""What every page shows of itself: progress, sources, figures, tables, receipt, notation, and the map of the course."""
