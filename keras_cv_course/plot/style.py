"""One palette for all figures: Okabe and Ito's, which colour-blind readers and grey printers can tell apart.

Okabe and Ito, "Color Universal Design", 2008.
"""

BLUE = "#0072B2"
ORANGE = "#E69F00"
GREEN = "#009E73"
RED = "#D55E00"
PURPLE = "#CC79A7"
SKY = "#56B4E9"
GREY = "#7F7F7F"
