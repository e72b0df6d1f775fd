"""`python -m services.cli` is `minwon`."""

from services.cli.main import main

main()
