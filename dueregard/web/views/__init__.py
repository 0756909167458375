"""One module a kind of page: a request in, a page out."""
