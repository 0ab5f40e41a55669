DELETE DATA { <enonce/tout> cper:atteste prov:agent }
