"""2Checkout (Verifone): the shop that bills lines."""
