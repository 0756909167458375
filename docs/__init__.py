"""The documentation, and what makes and proves it: `generate` writes the reference, `examples` runs every example."""
