"""The frozen values of the flow. Read these files and you know it."""
