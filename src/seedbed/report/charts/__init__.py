"""A file for each subject that is drawn: entries of a summary in, an Altair chart out."""
