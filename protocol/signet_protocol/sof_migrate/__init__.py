"""Finding the SOF_ calls of older pages, and what shall stand there instead.

``functions.json`` is the one list of these functions: the shim for pages (``js/sof``), the table in
``docs/sof-migration.md`` and the tool ``sof-migrate`` all speak from it.
"""
