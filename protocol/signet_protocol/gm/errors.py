"""What can go wrong with the national algorithms, by whose fault it is."""


class Sm2UnavailableError(RuntimeError):
    """There is no SM2 here: this machine's libcrypto lacks it or computes it wrongly.

    A fault of the installation. SM3, SM4, RSA and ECDSA work all the same.
    """


class Sm2KeyError(ValueError):
    """The octets are not a key on the SM2 curve; the fault of whoever made or sent them."""


class GmFormatError(ValueError):
    """A message, signature or ciphertext is not in the form its standard prints.

    The sender's fault. The text names what was wrong, never what was in it.
    """


class GmDecryptionError(ValueError):
    """A ciphertext does not open with this key.

    One error for every cause: whoever can ask for decryptions learns nothing from the difference.
    """
