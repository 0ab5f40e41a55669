INSERT DATA { <../fictif-2030-2036> dct:temporal <periode/2030-2031> }
