"""The engine that passes queries on to another SPARQL endpoint.

May import core, engine.base, engine.syntax and engine.process.
"""
