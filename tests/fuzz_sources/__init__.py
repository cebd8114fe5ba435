"""Fuzzing of every source type: mutants of its samples, made-up structures, and bytes without any sense.

``python -m tests.fuzz_sources --minutes 1`` gives each type a minute (``--type T`` only that one, ``--seed N`` another
run). Every body goes through the check of the signature, if the type has one, and twice through the parser. What must
hold is in :mod:`tests.fuzz_sources.check`. One line is printed for each type, one for each finding, and the last line
holds the totals; the exit code is 1 when there are findings. What was found is kept with ``--save FOLDER``.
"""
