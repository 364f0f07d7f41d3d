"""Networks beside the models of their training set: Li, Dai & Qu 2024."""
