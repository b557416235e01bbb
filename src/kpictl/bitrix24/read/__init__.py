"""What was pulled of a portal, as typed entities: schemas, stages, users, rates, checks."""
