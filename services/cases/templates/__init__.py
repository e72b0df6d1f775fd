"""Texts to begin a reply with."""
