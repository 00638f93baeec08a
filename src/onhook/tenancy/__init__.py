"""Companies, their people, and what each role may do."""
