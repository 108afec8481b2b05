"""What tests of several parts share: given/when/then for deciders, contract suites for the ports."""
