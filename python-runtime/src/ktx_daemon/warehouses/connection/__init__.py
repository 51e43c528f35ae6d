"""What warehouses connect with: the target of a request, URLs, files, sockets and TLS."""
