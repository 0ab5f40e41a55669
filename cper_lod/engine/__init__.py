"""SPARQL engines behind one interface (`engine.base`).

May import core.
"""
