"""The changes between two releases: compared, described, stored, and written as text.

May import core, rdf, release.storage and the modules of release.
"""
