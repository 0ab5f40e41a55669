"""The text of a SPARQL query: tokens, checks, syntax errors.

May import core and engine.base.
"""
