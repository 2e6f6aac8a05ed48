"""The recommended curve of SM2 and its octets (GM/T 0003.5-2012, GM/T 0009-2012)."""

FIELD_BYTES = 32
"""Of a coordinate, a scalar, r and s."""

POINT_BYTES = 1 + 2 * FIELD_BYTES
"""04, X and Y: the only form of a point in GM/T 0009, section 7.1."""

UNCOMPRESSED = b"\x04"

ORDER = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_7203DF6B_21C6052B_53BBF409_39D54123
"""n, the order of the base point; r and s lie in 1 to n - 1, private keys in 1 to n - 2."""

PARAMETERS = bytes.fromhex(
    "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC"  # a
    "28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93"  # b
    "32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7"  # x of the base point
    "BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0"  # y of the base point
)
"""What goes into Z beside the holder's identity and public key (GM/T 0003.2, section 5.5)."""

SPKI_PREFIX = bytes.fromhex("3059301306072A8648CE3D020106082A811CCF5501822D034200")
"""SubjectPublicKeyInfo before the point: id-ecPublicKey with the curve's name, a BIT STRING."""

PKCS8_PREFIX = bytes.fromhex(
    "3041020100301306072A8648CE3D020106082A811CCF5501822D042730250201010420"
)
"""PrivateKeyInfo before the scalar, without the public key (RFC 5208 around RFC 5915)."""
