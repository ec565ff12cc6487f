"""What is wrong with an installation: looked for where it stands, each finding with its reason and its remedy."""
