"""The source files: finding, reading and partitioning them, and completing the catalogue they contain.

May import core, rdf, engine.syntax, release.catalog, release.jobs and release.storage.
"""
