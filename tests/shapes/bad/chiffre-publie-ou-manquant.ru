DELETE DATA { <part/axe-3> cper:motif "Not published (fictif)."@en }
