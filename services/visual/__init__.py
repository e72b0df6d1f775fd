"""The visual ARS: sessions of the caller's page, in step with the call. Menus are the city's."""
