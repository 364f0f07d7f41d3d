"""From a data set's name to prepared, deduplicated, disjoint sets of images."""
