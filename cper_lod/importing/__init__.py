"""Spreadsheets to RDF: plan contracts and files of subsidies.

May import core, rdf and release.
"""
