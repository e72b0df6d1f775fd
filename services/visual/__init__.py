"""The visual ARS: sessions of a caller's page that no call leads. The menus are the city's."""
