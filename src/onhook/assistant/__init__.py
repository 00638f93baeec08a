"""The AI menu under "Contact us": a fixed tree, free text that only picks a branch, and the way to a person."""
