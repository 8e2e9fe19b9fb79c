"""What chDB is started with: its users and their rights. `store/pool.py` hands it to the engine."""
