"""The pages that people see in a browser: templates, style sheet, and how they are rendered."""
