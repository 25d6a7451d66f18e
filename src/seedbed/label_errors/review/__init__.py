"""The review of an audit: people look at suspicious labels, and say which are wrong.

A page in the browser (:mod:`.server`) shows one image after the other. The answers of each reviewer
are a file (:mod:`.answers`), and all of them together are ``corrections.csv``
(:mod:`.corrections`), which ``dataset.corrections`` of a study takes.
"""
