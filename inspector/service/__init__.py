"""What one server shares between people: opened stars, reader and network processes, one fair queue. No Panel here."""
