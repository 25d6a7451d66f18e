"""What goes to the device of a run, and comes back: weights, images and batches."""
