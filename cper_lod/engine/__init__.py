"""SPARQL engines behind one interface, `engine.base.Engine`.

`embedded` runs queries in the child processes of a `pool` (`worker` is the code of those processes), `remote` forwards them
to another endpoint (`rewrite` is what it sends), `syntax` checks the text of queries. May import core.
"""
