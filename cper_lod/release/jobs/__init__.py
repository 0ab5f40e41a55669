"""Tools of long jobs: locks, parallel work, progress, digests of files.

May import core.
"""
