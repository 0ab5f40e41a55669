INSERT DATA { cper:Cohérent_avec a owl:ObjectProperty }
