"""The rules, by what they look at; one module a subject, each with its RULES."""
