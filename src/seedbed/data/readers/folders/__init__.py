"""Reader of folders of images: class folders, with or without splits, and tables of labels."""
