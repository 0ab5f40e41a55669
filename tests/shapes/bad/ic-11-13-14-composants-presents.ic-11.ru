DELETE DATA { <part/axe-1> cper:axeConcerne <axe/1> }
