"""``python -m seedbed`` is the command line."""

import sys

from seedbed.cli.main import main

sys.exit(main())
