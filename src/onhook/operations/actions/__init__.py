"""What an operation can do. One module an action: its steps in order."""
