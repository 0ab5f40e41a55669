"""Checks of the text of SPARQL queries, and positions and messages of syntax errors.

May import core.
"""
