"""The Reconciliation Service API: queries, candidates, scores, suggestions, data extension.

May import core, rdf and release.
"""
