"""Cells, CSV and XLSX files.

May import core and the modules of rdf.
"""
