DELETE DATA { <part/axe-2> cper:pas "000000000000000.1"^^cper:nombre };
INSERT DATA { <part/axe-2> cper:pas "000000000000000.10"^^cper:nombre }
