"""The command, in parts: its options, what it reads, what it writes, and what each subcommand answers."""
