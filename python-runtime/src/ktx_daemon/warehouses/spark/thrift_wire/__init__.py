"""The protocol of HiveServer2, which Spark's Thrift server, Kyuubi, EMR and Dataproc offer."""
