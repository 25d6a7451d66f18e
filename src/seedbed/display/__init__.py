"""How results are shown: tables, formatters, escaping."""
