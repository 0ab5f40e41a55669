INSERT DATA { <enonce/chiffres> cper:position <enonce/tout/position> }
