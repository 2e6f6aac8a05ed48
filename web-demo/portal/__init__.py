"""The sample city's portal: one Django project that answers for every department's origin.

A department is a folder of data under ``departments``; the engine under ``forms`` fills, checks
and offers a form; ``login`` and ``submission`` are the two places where a certificate is judged.
"""
