"""`python -m ktx_daemon` is `ktx-daemon`."""

from ktx_daemon.entry import main

if __name__ == "__main__":
    main()
