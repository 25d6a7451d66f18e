"""Where the process of the command line begins.

The rest takes a moment to import, in which Ctrl-C would end Python with a traceback. So this module
imports nothing that could come later.
"""

import signal


def main() -> int:
    """Run the command line of this process, and return its exit status."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        # Until the guard of `cli.exit` is in place, Ctrl-C ends the process without a word.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from seedbed.cli.main import main as run

    return run()
