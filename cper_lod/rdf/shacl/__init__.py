"""Validation with SHACL: `suspects` compiles shapes to SPARQL, which finds in an Oxigraph store what pyshacl judges (`api`).

The only package that imports pyshacl and rdflib. May import core and the modules of rdf.
"""
