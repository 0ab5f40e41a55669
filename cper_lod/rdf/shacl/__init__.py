"""SHACL validation: pyshacl, asked only about the nodes that can have a result.

May import core and rdf; the only package that imports pyshacl and rdflib.
"""
