"""Drawings: maps, links between priorities and axes.

May import what web.components may import.
"""
