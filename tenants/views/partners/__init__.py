"""Pages about partners: the operator's (instance) and the partner's own portal below /p/<partner>/."""
