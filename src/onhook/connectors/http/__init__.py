"""The one small HTTP client that every connector speaks through, and what connectors have in common."""
