"""What every page is made of: the style sheet, base templates, components, icons. It knows no surface and no record."""
