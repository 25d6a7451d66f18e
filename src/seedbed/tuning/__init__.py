"""Chooses settings of a study's recipe by validation accuracy, without the test images.

Trials are the runs of a study of their own, in a folder of its own: every combination of candidates
is a configuration, trained with seeds that the tuned study does not report. The test split is
removed from the dataset before anything is trained.
"""
