"""Apache Spark through its Thrift server (the protocol of HiveServer2), or through Spark Connect."""
