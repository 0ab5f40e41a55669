"""Suggests datasets of data.gouv.fr for a thing in the data: search, scores, reasons.

May import core, rdf, release and linking.datagouv.
"""
