"""Alerts: deliver each new paper of a topic once through each channel.

Entry points: `alert_run.run`, `alert_run.retry` and `alert_run.dry_run`.

A run passes through these modules: `detection` finds the news in the library, `queueing` adds it to
the outbox, `batching` decides which channels are due and divides their deliveries into messages,
`messages` renders them, `delivery` sends them and records the attempts, and `outages` decides which
failures to report. `schedule` installs a run in cron, systemd or launchd.

Only `cli` imports this package.
"""
