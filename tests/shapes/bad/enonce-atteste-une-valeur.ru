INSERT DATA { <enonce/presse> cper:atteste cper:motif }
