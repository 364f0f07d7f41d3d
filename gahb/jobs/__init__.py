"""How a job lives and dies: what it says, how it ends, what is left, what it depends on."""
