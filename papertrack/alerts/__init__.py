"""Alerts: what is new for each topic, delivered to each channel once.

`watching` finds what is news, `queueing` puts it into the library's outbox, `planning` says whose
turn it is and makes messages, `digests` writes them, `delivering` sends and settles them, and
`outages` decides when a failure is worth a word. Nothing here depends on the clock but what the
reader asks of it: which days are told, when a channel has its turn, how long a failure has lasted.
"""
