"""
The heart: plan, confirm, run, verify, tell.

Every surface calls the same five functions: `planning.plan`, `confirming.confirm`, `questions.answer`,
`cancelling.cancel` and `status.status`. `actions/delete_device.py` is the run itself, step by step.
"""
