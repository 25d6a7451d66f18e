"""Checks what a study has stored: its files, its figures, and whether training it again agrees."""
