INSERT DATA { <../fictif-2030-2036> cper:engagement <derive/total> }
