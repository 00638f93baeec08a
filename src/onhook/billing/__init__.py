"""Who bills a line: versioned rules from SOC code to channel."""
