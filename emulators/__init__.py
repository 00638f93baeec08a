"""Stand-ins for the outside services: one process each, real HTTP and SMTP, steered over a control API."""
