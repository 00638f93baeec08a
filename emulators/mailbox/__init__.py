"""The mailbox: a real SMTP server whose messages are read over HTTP."""
