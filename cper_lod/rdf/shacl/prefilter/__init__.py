"""A prefilter for pyshacl: finds the few focus nodes that can have a validation result, and gives only these to pyshacl.

README.md says how it works and shows an example. Imports pyshacl, rdflib and pyoxigraph, and nothing else of cper_lod.

`prefilter` is the main class. `rules` reads the shapes and their targets; `constraints`, `graph_patterns`,
`triple_patterns` and `conditions` compile them; `triples` are the data, `graphs` the same as graphs of rdflib, and
`query_cache` parses each query once.
"""
