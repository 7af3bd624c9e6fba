"""Records: schemas, conforming, privacy."""
