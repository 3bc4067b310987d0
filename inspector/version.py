"""The version, for whoever may not import the package's face."""

__version__ = "0.1.0"
