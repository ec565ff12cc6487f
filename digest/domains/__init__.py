"""What DNS says about the domains that a newsletter is sent from, and what it should say. Pure, but for who is asked."""
