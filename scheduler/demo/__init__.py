"""A simulated year for `tabuh demo`: who posts where, how it went out, and how a known audience reacted.

Everything is drawn from one seed, and no address in it can be reached: all lie under names that
are reserved for examples (RFC 2606). Nothing here reads a clock or the network.
"""
