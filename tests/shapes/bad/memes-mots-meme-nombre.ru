INSERT DATA { <montant/region-presse> cper:enonce <enonce/presse-2> . <enonce/presse-2> oa:exact "la Région donne 62 M€" ; prov:wasQuotedFrom <../../document/presse-fictive> }
