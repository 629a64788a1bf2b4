"""The test kit for applications that use Watchword."""
