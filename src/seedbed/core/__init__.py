"""What all other rooms use: errors, seeds, settings, files."""
