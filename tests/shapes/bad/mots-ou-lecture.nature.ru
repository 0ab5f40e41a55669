DELETE DATA { <enonce/chiffres> cper:atteste cper:nature }
