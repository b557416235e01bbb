"""Who is scored, what somebody was when, and whose records are whose."""
