"""What a person gives to Encode, laid on a model's grid: plain functions and classes, the same for every host."""
