"""The customers' portal; staff of COID 1 look at a company through it under a banner."""
