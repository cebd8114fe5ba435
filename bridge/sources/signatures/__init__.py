"""Does a delivery come from whom it says? Signatures of the vendors, checked on the raw bytes."""
