"""What an audit writes and prints: files, the page with its chart, and the terminal."""
