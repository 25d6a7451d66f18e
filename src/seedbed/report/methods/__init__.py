"""What a paper says of how a study was made: a paragraph of methods, and what it cites."""
