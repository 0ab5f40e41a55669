INSERT DATA { <axe/1> a cper:Priorite }
