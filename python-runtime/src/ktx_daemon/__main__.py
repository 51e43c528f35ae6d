"""Entry point of `python -m ktx_daemon`, the same as `ktx-daemon`."""

from ktx_daemon.cli import main

if __name__ == "__main__":
    main()
