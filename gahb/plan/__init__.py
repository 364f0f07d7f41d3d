"""What a run will do, before any of it is done; nothing here decides a result."""
