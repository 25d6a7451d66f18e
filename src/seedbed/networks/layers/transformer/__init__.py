"""The layers of a Vision Transformer (Dosovitskiy et al. 2021, "An image is worth 16x16 words").

An image is a sequence of tokens, of shape (tokens, embed_dim).
"""
