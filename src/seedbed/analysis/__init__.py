"""What the runs of a study tell: one subject of evaluation a file, from arrays to sentences."""
