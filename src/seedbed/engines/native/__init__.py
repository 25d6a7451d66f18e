"""The built-in CPU engine: kernels with one image per SIMD lane."""
