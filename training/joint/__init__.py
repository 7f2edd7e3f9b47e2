"""The recipe of the joint transformer: cache latents of the world, then train on them."""
