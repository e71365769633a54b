"""The rules: pure functions over facts, one decision each, one module a topic."""
