DELETE DATA { <part/axe-2> cper:axeConcerne <axe/2> };
INSERT DATA { <part/axe-2> cper:axeConcerne <axe/1> }
