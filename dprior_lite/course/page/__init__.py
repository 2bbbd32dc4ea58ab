"""What every page shows of itself: progress, sources, figures, receipt, profile, notation, and the map of the course."""
