"""What `generate.py` writes: one module per case, and the two small tools they share."""
