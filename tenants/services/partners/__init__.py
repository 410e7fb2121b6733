"""Partners: who they are (accounts), who works for them (people), and what customers let them do."""
