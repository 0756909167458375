"""The tables of the field. Each column is declared once; checks, SQL, forms, synthetic data and docs follow from it."""
