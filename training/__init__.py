"""The procedural world and the recipes that made the weights."""
