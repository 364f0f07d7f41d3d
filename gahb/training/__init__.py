"""Training denoisers: one step, all steps, on one process or several, and taking up again."""
