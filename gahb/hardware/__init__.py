"""Where and how to compute. What is missing is said once."""
