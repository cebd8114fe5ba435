"""Status pages that are looked at: every provider's, and pages that can be read but not written."""
