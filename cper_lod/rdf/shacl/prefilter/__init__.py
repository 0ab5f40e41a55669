"""A prefilter for pyshacl: finds the few focus nodes that can have a validation result, and gives only these to pyshacl.

pyshacl takes milliseconds for each focus node and shape. Here each shape is compiled to checks: functions that decide
on N-Quads tokens, without rdflib, whether a focus node can have a result (a suspect). A check is exact or says yes too
often, but never says no if pyshacl has a result. A shape that cannot be compiled makes all its focus nodes suspects.
pyshacl then makes every result, so the report is the same. As a safeguard, every thousandth node that is not a suspect
is given to pyshacl too; if it has a result, all focus nodes of that shape are checked again by pyshacl.

`prefilter` is the main class, `worker_pool` runs it in several processes on a sorted file. `rules` reads the shapes and
their targets; `constraints`, `graph_patterns`, `triple_patterns`, `conditions` and `fast_conditions` compile them;
`triples`, `sorted_file` and `store` are the data. Imports core.errors, core.namespaces, core.processes and rdf.report.
"""
