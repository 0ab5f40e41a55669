"""What changed between two releases: computed, described, serialised.

May import core, rdf, release.storage and the modules of release.
"""
