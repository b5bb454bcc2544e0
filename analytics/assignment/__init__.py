"""Which post goes out when: posts, valued slots and rules in; a plan with reasons out. No database."""
