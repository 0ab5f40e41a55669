"""cper-lod publishes public plan contracts as linked open data."""
