"""One package per kind of status page, over one common base."""
