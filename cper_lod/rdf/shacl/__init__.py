"""Validation with SHACL: `api` is the entry point, `prefilter` makes pyshacl fast enough for large data;
`well_formed` checks the shapes themselves.

The only package that imports pyshacl and rdflib. May import core and the modules of rdf.
"""
