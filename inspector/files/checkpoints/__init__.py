"""Weights of a network in each format they come in, and the noise models that go with them."""
