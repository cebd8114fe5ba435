"""From what senders said to the state: apply what waits, and ask those who hide things."""
