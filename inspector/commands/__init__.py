"""The subcommands of ``inspector``, one a file: each has ``add``, which says what it understands and what it runs."""
