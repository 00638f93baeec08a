"""Where people and programs come in. Thin: load, check, one call into the domain, answer."""
