"""Chaos: seeded runs of the whole system with everything going wrong, and what must hold all the same.

``python -m tests.chaos --runs 20 --seed 1`` (or ``make chaos RUNS=20 SEED=1``) prints one line a run and ends with
``runs N, kills K, faults F, violations V``; its exit code is 1 when V is not 0.
"""
