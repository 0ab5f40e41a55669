"""Builds a release: its indexes and its files.

May import every other package of release but history.
"""
