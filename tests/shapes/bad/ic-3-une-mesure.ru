DELETE { cper:pourcentage a qb:MeasureProperty } WHERE {}
