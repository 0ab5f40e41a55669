INSERT DATA { <enonce/tout> oa:start 0 }
