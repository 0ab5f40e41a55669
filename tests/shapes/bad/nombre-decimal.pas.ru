DELETE DATA { <part/axe-2> cper:pas 0.1 };
INSERT DATA { <part/axe-2> cper:pas -0.1 }
