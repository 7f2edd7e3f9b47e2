"""The stem splitter's recipe: sounds that we make, mixtures of them, and the training of the separator."""
