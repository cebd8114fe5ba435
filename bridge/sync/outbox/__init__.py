"""From the state to one destination: plan, intend, call, settle; in order, once."""
