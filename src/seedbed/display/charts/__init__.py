"""What every chart is made of: colors, sizes, data inline."""
