"""What both web faces share: sign-in, the walls around every address, the frame, error pages."""
