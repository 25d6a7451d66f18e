"""What every room uses: errors, seeds, settings, files."""
