"""What is measured, each tool in a process of its own."""
