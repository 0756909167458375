"""The words of the field: code lists, the ways of missing, roll-ups with loss flags, stages and periods."""
