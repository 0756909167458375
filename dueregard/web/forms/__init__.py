"""Forms, made from the declared tables and code lists."""
