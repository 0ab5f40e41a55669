"""CSV files of subsidies (French schema SCDL): parsing, attachment to a contract, RDF, report.

May import core, rdf, release and the modules of importing.
"""
