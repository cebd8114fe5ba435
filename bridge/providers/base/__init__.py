"""What all providers share: HTTP, declared resources, paging, failures, mappings, text."""
