"""From cells to estimates: how large, how certain, and is it so inside the same school?"""
