"""Measurements of the shipped weights; each module is one command that prints JSON."""
