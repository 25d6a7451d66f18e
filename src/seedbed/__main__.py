"""``python -m seedbed`` is the command line."""

import sys

from seedbed.cli.start import main

sys.exit(main())
