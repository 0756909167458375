"""From files to raw text tables. Judges bytes and headers before any parser sees them."""
