DELETE DATA { cper:sert owl:inverseOf cper:axe }
