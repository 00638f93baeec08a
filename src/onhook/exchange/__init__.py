"""Real data in and out: import, export, and made-up worlds for trials."""
