"""Who else looks at a case."""
