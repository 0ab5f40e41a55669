"""The workbook of a plan contract: its model, readers, template and triples.

May import core, rdf, release and the modules of importing.
"""
