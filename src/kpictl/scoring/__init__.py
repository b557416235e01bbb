"""Facts against targets: points, index, ranks; nothing here reads a file."""
