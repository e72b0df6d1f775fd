"""Work that must follow a commit: rows claimed in batches under a lease and a fence number.

A row exists until its work is done. The relay hints at new rows through Redis; a worker claims
whatever is due, with or without a hint; the lease ends by the database's clock, and the fence
number keeps a worker that woke too late from writing.
"""
