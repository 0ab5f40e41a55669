"""SVG drawings: the map of a region, the links between priorities and axes.

May import what web.components may import.
"""
