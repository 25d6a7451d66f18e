"""The PyTorch engine: any module, on any device."""
