"""Small science that only pages use: toys, a digit classifier, classical methods, timings."""
