"""Files of subsidies (SCDL): inspection, values, triples, report.

May import core, rdf, release and the modules of importing.
"""
