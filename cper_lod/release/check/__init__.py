"""Validation of the sources: rules, findings, incremental checks.

May import core, rdf, release.sources and release.jobs.
"""
