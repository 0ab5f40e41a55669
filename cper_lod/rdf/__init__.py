"""RDF: reading and canonical writing; JSON-LD, spreadsheets and SHACL in sub-packages.

May import core.
"""
