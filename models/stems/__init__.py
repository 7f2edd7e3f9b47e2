"""The separator: any soundtrack into dialogue, music, effects and ambience."""
