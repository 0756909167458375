"""A made-up police force whose truth we set: no row of it is about anybody."""
