"""The semantic layer as operations of the daemon: requests, dialect names, errors."""
