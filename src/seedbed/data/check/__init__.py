"""Everything that is wrong or doubtful in a dataset, in one go: ``seedbed data check``."""
