"""What is kept, and for how long: papers at rest, archives, deletion."""
