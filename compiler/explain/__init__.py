"""What each diagnostic code means, at length: `pages` has them."""
