"""Salesforce: which account a company has, with its account number and perhaps a stored upgrade link."""
