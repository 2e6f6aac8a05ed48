"""Signature formats: digest and certificate to the bytes to sign, signature to signed document."""
