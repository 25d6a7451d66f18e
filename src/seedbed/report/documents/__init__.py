"""The results of a study as a document to hand in: one model, and a renderer for each format."""
