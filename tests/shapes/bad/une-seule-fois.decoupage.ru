DELETE DATA { <part/axe-2> cper:subdivision <axe/2> };
INSERT DATA { <part/axe-2> cper:subdivision <priorite/2> }
