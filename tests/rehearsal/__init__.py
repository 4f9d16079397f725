"""The rehearsal: a stand-in room, candidates at work in it, and the production playbooks run over it."""
