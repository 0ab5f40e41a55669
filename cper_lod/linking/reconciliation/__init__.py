"""The Reconciliation Service API (W3C, version 0.2) without HTTP: queries, candidates, scores, suggestions, data extension.

May import core, rdf and release.
"""
