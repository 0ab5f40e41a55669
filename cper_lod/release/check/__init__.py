"""Validation of the sources.

May import core, rdf, release.catalog, release.docs, release.jobs, release.sources, release.storage and the modules of
release.
"""
