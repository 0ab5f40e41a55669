"""Tools for builds: locks, parallel tasks, progress.

May import core.
"""
