"""`python -m ktx_daemon` is `ktx-daemon`."""

from ktx_daemon.cli import main

if __name__ == "__main__":
    main()
