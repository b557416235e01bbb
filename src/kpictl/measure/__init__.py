"""Records → facts: the question that an engine answers, what it is asked of, what it said."""
