"""Commands that write the tables of README and docs from kept records."""
