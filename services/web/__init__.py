"""Pages: rendered on the server, for citizens, callers and staff. Above `services.api`."""
