/* Key pairs by libcrypto: files, public halves, and the standard's forms of points and numbers. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/x509.h>
#include <string.h>

#include "parts.h"

/* PrivateKeyInfo of SM2 before the 32 octets of the scalar (RFC 5208 around RFC 5915). */
static const BYTE PKCS8_PREFIX[] = {
    0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01,
    0x06, 0x08, 0x2A, 0x81, 0x1C, 0xCF, 0x55, 0x01, 0x82, 0x2D, 0x04, 0x27, 0x30, 0x25, 0x02, 0x01,
    0x01, 0x04, 0x20};

enum { SEQUENCE = 0x30, INTEGER = 0x02, OCTETS = 0x04, MAX_CIPHER = 1024 };

static const char *key_file(BOOL sign) {
    return sign ? "sign.key" : "open.key";
}

EVP_PKEY *load_key(const struct object *container, BOOL sign) {
    BYTE der[FILE_BYTES];
    const BYTE *at = der;
    long length = read_file(container->path, key_file(sign), der, sizeof der);
    return length > 0 ? d2i_AutoPrivateKey(NULL, &at, length) : NULL;
}

int store_key(const struct object *container, BOOL sign, EVP_PKEY *key) {
    BYTE *der = NULL;
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
    int length = info ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : -1;
    int stored = length > 0 && write_file(container->path, key_file(sign), der, (size_t)length);
    PKCS8_PRIV_KEY_INFO_free(info);
    OPENSSL_free(der);
    return stored;
}

int is_rsa(const EVP_PKEY *key) {
    return EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;
}

EVP_PKEY *private_from_scalar(const BYTE *scalar) {
    BYTE der[sizeof PKCS8_PREFIX + FIELD_BYTES];
    const BYTE *at = der;
    memcpy(der, PKCS8_PREFIX, sizeof PKCS8_PREFIX);
    memcpy(der + sizeof PKCS8_PREFIX, scalar, FIELD_BYTES);
    return d2i_AutoPrivateKey(NULL, &at, sizeof der);
}

int public_point(EVP_PKEY *key, BYTE *point) {
    BYTE *encoded = NULL;
    size_t length = EVP_PKEY_get1_encoded_public_key(key, &encoded);
    int whole = length == POINT_BYTES && encoded[0] == 0x04;
    if (whole) memcpy(point, encoded, POINT_BYTES);
    OPENSSL_free(encoded);
    return whole;
}

/* The standard keeps numbers at the right of fields of 64 octets. */
void write_point(const BYTE *point, ECCPUBLICKEYBLOB *blob) {
    memset(blob, 0, sizeof *blob);
    blob->BitLen = 8 * FIELD_BYTES;
    memcpy(blob->XCoordinate + FIELD_BYTES, point + 1, FIELD_BYTES);
    memcpy(blob->YCoordinate + FIELD_BYTES, point + 1 + FIELD_BYTES, FIELD_BYTES);
}

int write_modulus(EVP_PKEY *key, RSAPUBLICKEYBLOB *blob) {
    BIGNUM *n = NULL, *e = NULL;
    memset(blob, 0, sizeof *blob);
    blob->AlgID = SGD_RSA;
    blob->BitLen = (ULONG)EVP_PKEY_get_bits(key);
    int read = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
               EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) == 1 &&
               BN_bn2binpad(n, blob->Modulus, sizeof blob->Modulus) > 0 &&
               BN_bn2binpad(e, blob->PublicExponent, sizeof blob->PublicExponent) > 0;
    BN_free(n);
    BN_free(e);
    return read;
}

int split_signature(const BYTE *der, size_t length, ECCSIGNATUREBLOB *value) {
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)length);
    memset(value, 0, sizeof *value);
    int split = pair && BN_bn2binpad(ECDSA_SIG_get0_r(pair), value->r, sizeof value->r) > 0 &&
                BN_bn2binpad(ECDSA_SIG_get0_s(pair), value->s, sizeof value->s) > 0;
    ECDSA_SIG_free(pair);
    return split;
}

/* Write tag, length and content (DER, lengths below 65536); return what follows. */
static BYTE *write_element(BYTE *at, BYTE tag, const BYTE *content, size_t length) {
    *at++ = tag;
    if (length >= 0x100) {
        *at++ = 0x82;
        *at++ = (BYTE)(length >> 8);
    } else if (length >= 0x80) {
        *at++ = 0x81;
    }
    *at++ = (BYTE)length;
    memmove(at, content, length);
    return at + length;
}

static BYTE *write_integer(BYTE *at, const BYTE *number) {
    BYTE content[FIELD_BYTES + 1] = {0};
    size_t skip = 0;
    memcpy(content + 1, number, FIELD_BYTES);
    while (skip < FIELD_BYTES && !content[skip] && content[skip + 1] < 0x80) skip++;
    return write_element(at, INTEGER, content + skip, sizeof content - skip);
}

int decrypt_sm2(EVP_PKEY *key, const ECCCIPHERBLOB *cipher, BYTE *out, size_t *length) {
    BYTE body[MAX_CIPHER + 256], der[MAX_CIPHER + 512], *at = body;
    if (cipher->CipherLen > MAX_CIPHER) return 0;
    at = write_integer(at, cipher->XCoordinate + FIELD_BYTES);
    at = write_integer(at, cipher->YCoordinate + FIELD_BYTES);
    at = write_element(at, OCTETS, cipher->HASH, sizeof cipher->HASH);
    at = write_element(at, OCTETS, cipher->Cipher, cipher->CipherLen);
    BYTE *end = write_element(der, SEQUENCE, body, (size_t)(at - body));
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    int opened = context && EVP_PKEY_decrypt_init(context) == 1 &&
                 EVP_PKEY_decrypt(context, out, length, der, (size_t)(end - der)) == 1;
    EVP_PKEY_CTX_free(context);
    return opened;
}

/* SM4 in ECB without padding. */
int decrypt_blocks(const BYTE *key, const BYTE *data, int length, BYTE *out) {
    int done = 0;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int opened = context && EVP_DecryptInit_ex(context, EVP_sm4_ecb(), NULL, key, NULL) == 1 &&
                 EVP_CIPHER_CTX_set_padding(context, 0) == 1 &&
                 EVP_DecryptUpdate(context, out, &done, data, length) == 1 && done == length;
    EVP_CIPHER_CTX_free(context);
    return opened;
}
