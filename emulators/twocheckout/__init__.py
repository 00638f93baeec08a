"""2Checkout's merchant API, REST 6.0, and its hosted upgrade page. COVERAGE.md says how much of them."""
