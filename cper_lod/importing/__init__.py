"""Import of spreadsheets as RDF: the workbook of a plan contract, and CSV files of subsidies.

May import core, rdf and release.
"""
