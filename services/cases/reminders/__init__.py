"""Deadlines that come near or pass, told to managers and supervisors once each."""
