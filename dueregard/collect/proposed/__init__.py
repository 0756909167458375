"""A mapping is proposed from a file's header and values: nothing here decides what a person must."""
