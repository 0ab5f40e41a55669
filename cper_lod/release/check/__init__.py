"""Validation of the sources, in full or only of what changed since the last release.

May import core, rdf, release.catalog, release.docs, release.jobs, release.sources, release.storage and the modules of
release.
"""
