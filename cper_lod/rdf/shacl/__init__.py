"""Validation with SHACL: `api` is the entry point; `suspects` compiles shapes to SPARQL, which finds in an Oxigraph store
(`store`) what pyshacl judges.

The only package that imports pyshacl and rdflib. May import core and the modules of rdf.
"""
