"""What trains networks: the built-in engine and PyTorch."""
