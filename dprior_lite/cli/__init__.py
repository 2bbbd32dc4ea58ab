"""The command line, one file a command: `python -m dprior_lite COMMAND`."""
