"""Who did what, when and on what grounds: rows that are only added, chained by hash per company."""
