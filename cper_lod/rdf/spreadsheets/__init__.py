"""RDF terms as spreadsheet cells; CSV and XLSX writers.

May import core.
"""
