"""Links between the data and other data: datasets of data.gouv.fr, and the Reconciliation Service API.

May import core, rdf and release.
"""
