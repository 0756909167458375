"""What can be read: one module a source. A profile turns a source's own columns into the native tables."""
