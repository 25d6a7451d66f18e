"""The commands of ``seedbed``, a module each; :mod:`seedbed.cli.main` runs them."""
