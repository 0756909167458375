"""Publish: turns a report into its four files (page, workbook, figures, counts), and reads the counts back."""
