"""The workbook of a plan contract: its model, its template, its parser, and the RDF made from it.

May import core, rdf, release and the modules of importing.
"""
