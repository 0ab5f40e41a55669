INSERT DATA { <../autre> cper:articuleAvec <cadre/schema> }
