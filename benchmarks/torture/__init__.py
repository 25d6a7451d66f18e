"""Campaigns that attack Seedbed, and count what gets through: ``python -m benchmarks.torture``.

- ``kills``: ``SIGKILL`` at a random moment, or in the middle of writing a file, over studies of
  every kind. The study is resumed and must have the bits of one that nobody killed.
- ``rivals``: several processes train one study, and some are killed; the same must hold.
- ``disk``: every write of a study fails, once or from then on, with half of the file written. The
  command must end with one line and status 2; resumed, the same must hold.
- ``damages``: a file of a finished study is damaged, then commands are run. There must be no
  traceback and no figure that changed in silence, and ``run`` must repair the study.
- ``exits``: every command with output that is closed, full, left by its reader or of a narrow
  encoding, and with signals at any moment. It must end with a status of its own and one line, and
  leave no partial file.
- ``inputs``: mutated files for every reader. It may raise Seedbed's errors only, within 5 seconds
  and one GiB.
- ``shapes``: networks of odd shapes under the sanitizers, which must report nothing.

Trials are drawn from a seed and a number, so any of them can be repeated alone. Each runs in a
process of its own, forked from one that has imported everything, which costs milliseconds.
"""
