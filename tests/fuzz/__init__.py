"""The gate under fire: made-up bytes, judged by the gate and by a plain reference parser of the format."""
