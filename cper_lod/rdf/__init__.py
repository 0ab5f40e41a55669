"""RDF: reading, canonical writing, JSON-LD, spreadsheets, SHACL.

May import core.
"""
