"""What the simulator promises, tried."""
