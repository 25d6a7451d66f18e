"""The folder of a study: plain files, written atomically."""
