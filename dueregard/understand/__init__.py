<<<<<<< HEAD
"""Understand: where a gap arises, for whom, and what stays true of it."""
=======
"""Understand: for whom, and how sure is it? Cells in, evidence out."""
>>>>>>> intersections
