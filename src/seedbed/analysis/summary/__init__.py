"""How summaries are made: from a study, from external predictions, from several studies."""
