"""The claims of the papers, each with a statistic on our data and a computed verdict."""
