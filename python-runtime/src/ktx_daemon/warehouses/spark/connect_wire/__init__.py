"""Spark Connect: gRPC with results in the format of Arrow, of Spark since 3.4 and of Sail."""
