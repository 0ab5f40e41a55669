INSERT DATA { [] a dcat:Dataset }
