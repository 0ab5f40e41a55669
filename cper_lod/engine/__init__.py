"""SPARQL engines behind one interface, `engine.base.Engine`.

`base` is the interface; `process` runs queries in child processes (`worker` is the code of those processes), `remote`
forwards queries to another endpoint, `service` executes SERVICE, `syntax` checks the text of queries. May import core.
"""
