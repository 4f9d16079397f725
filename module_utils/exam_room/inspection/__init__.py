"""What becomes of an inspection's outcomes: waivers, the verdict (V9), the report, its signature, two compared."""
