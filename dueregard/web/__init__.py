"""The face that people use in a browser: forms in, sentences out. It reads through `store.looks`, changes through `store.actions`."""
