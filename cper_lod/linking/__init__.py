"""Links from our things to data.gouv.fr and to other identifiers.

May import core, rdf and release.
"""
