"""What students get wrong in computations that several questions ask for: one catalogue each."""
