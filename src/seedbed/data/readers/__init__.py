"""Readers of images with labels, one module per format.

- :mod:`.folder`: one folder of images per class
- :mod:`.npz`: NPZ files with the arrays of Keras or MedMNIST, or ``images`` and ``labels``
- :mod:`.idx`: the four files of MNIST
- :mod:`.cifar`: CIFAR-10 and CIFAR-100, in the binary and the Python version
- :mod:`.parquet`: Parquet files in the layout of Hugging Face datasets

:mod:`.path` chooses the reader; every reader returns :class:`.contents.Contents`.
"""
