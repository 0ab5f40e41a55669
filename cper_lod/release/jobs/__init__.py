"""Tools for builds: locks, parallel tasks, progress, digests of files.

May import core.
"""
