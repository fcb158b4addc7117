"""The program for Windows, made on Linux: a Windows Python, put together and run in Wine."""
