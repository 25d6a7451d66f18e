"""What a study is: its file, its grid and its configurations."""
