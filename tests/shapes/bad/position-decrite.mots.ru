INSERT DATA { <enonce/tout> a oa:TextPositionSelector ; oa:start 0 ; oa:end 1 }
