"""Questions as inert values: what is counted, over whom, split how."""
