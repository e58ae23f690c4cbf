"""The interactive reader, `papertrack browse`, drawn with Textual.

Entry point: `app.BrowseApp`, which gets a `desk.Desk`: what it needs from the command line, such as
the library, the browser and the clipboard. `sections`, `paper_list`, `rows`, `detail` and `status`
are the model and know nothing of Textual; `views`, `prompts` and `app` are thin. Only
`papertrack.cli.browse` imports the package, and only when the command runs.
"""
