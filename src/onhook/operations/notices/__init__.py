"""The answer to the customer: written once, sent once, its doubts shown."""
