"""SERVICE: federated queries, executed before the query that contains them.

May import core, engine.base and engine.syntax.
"""
