"""SPARQL queries, run in child processes that can be ended."""
