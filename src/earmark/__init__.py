"""Who was promised which GPUs, who gets the next ones, and what every redirect costs."""

__version__ = "0.1.0"
