"""The form engine: forms are data, and what data cannot say is one named function.

``definition`` reads a form, ``expressions`` and ``values`` are its small language, ``filling``
judges what a person entered, ``document`` makes the bytes that are signed.
"""
