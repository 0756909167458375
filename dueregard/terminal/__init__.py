"""What the command line prints: sentences and aligned tables. One module a kind of answer."""
