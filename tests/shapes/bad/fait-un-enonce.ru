DELETE DATA { <axe/1> cper:enonce <enonce/tout> }
