"""The papers of a session: slips, record, hand-over, labels, marks; from what lies in its directory, for A4."""
