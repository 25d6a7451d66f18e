"""Invented studies whose truth is known, put through the code that studies use."""
