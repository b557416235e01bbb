"""What a command asks for, from plan to result: the order of the calls, hardly any arithmetic."""
