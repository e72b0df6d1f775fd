"""What citizens say of how their complaint was dealt with."""
