"""Datasets of data.gouv.fr that may concern a thing: search, scores, reasons.

May import core, rdf, release, linking.datagouv and linking.decisions.
"""
