"""What Seedbed costs, measured beside its peers; each file says its method."""
