"""Recipes for the picture codec and the sound codec."""
