"""Settings, environment, wiring and processes: where the parts are joined."""
