"""The trial before the exam (V4, V6, V7): seats write through their mappings, and the cutoff cuts, all of it undone."""
