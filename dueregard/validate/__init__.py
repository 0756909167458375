"""Do the methods do what they claim, where the truth is set? Trials are data; one list names them (known.py)."""
