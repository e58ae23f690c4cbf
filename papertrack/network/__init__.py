"""Connections as sources and channels share them: deadlines, addresses, proxies, certificates.

`transport.Transport` is for httpx clients, `addresses.connect` opens any other connection,
`certificates.ssl_context` has the trusted certificates, and `calls.Call` is work with a deadline.

`sources/` and `channels/` import this package; it knows neither.
"""
