"""What the benchmarks share: books to plan, runs to measure, solvers to compare with."""
