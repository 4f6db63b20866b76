"""Where an object may be, before anybody asks what it is: regions of an image, merged from small to large.

Uijlings, van de Sande, Gevers and Smeulders, "Selective Search for Object Recognition", IJCV 104(2), 2013.
"""
