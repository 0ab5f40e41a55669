"""Builds a release: its data, indexes and other files.

May import every other package of release except history.
"""
