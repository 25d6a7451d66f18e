"""What goes wrong with NumPy's files."""

from tokenize import TokenError
from typing import Final

MALFORMED: Final = (ValueError, OverflowError, SyntaxError, TokenError, EOFError, MemoryError)
"""What NumPy raises, never unpickling, for contents that are no array or cannot be one.

It documents ``ValueError``; damaged headers, which it reads as Python literals, showed the others.
"""
