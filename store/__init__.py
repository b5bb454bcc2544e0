"""Tables, the claim, and the questions and changes per subject: the only SQL."""
