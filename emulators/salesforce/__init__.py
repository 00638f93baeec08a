"""Salesforce: one org's REST API, for signing in and for reading and updating accounts."""
