"""Readers of images with labels, one module per format.

- :mod:`.folders`: folders of images, by class or with a table of labels
- :mod:`.npz`: NPZ files with the arrays of Keras or MedMNIST, or ``images`` and ``labels``
- :mod:`.idx`: the four files of MNIST
- :mod:`.cifar`: CIFAR-10 and CIFAR-100, in the binary and the Python version
- :mod:`.parquet`: Parquet files in the layout of Hugging Face datasets

:mod:`.path` chooses the reader; every reader returns :class:`.contents.Contents`.
"""
