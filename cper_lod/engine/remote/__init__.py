"""The engine that forwards queries to another SPARQL endpoint.

May import core, engine.base, engine.syntax and engine.process.
"""
