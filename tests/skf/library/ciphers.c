/* Ciphers under a session key, and hashes (GM/T 0016-2012, section 7.6). */
#include <string.h>

#include "parts.h"

/* a, b and the base point of the recommended curve: what goes into Z (GM/T 0003.5-2012). */
static const BYTE CURVE[] =
    "\xFF\xFF\xFF\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x00\x00\x00\x00"
    "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFC\x28\xE9\xFA\x9E\x9D\x9F\x5E\x34\x4D\x5A\x9E\x4B\xCF\x65\x09\xA7"
    "\xF3\x97\x89\xF5\x15\xAB\x8F\x92\xDD\xBC\xBD\x41\x4D\x94\x0E\x93\x32\xC4\xAE\x2C\x1F\x19\x81\x19"
    "\x5F\x99\x04\x46\x6A\x39\xC9\x94\x8F\xE3\x0B\xBF\xF2\x66\x0B\xE1\x71\x5A\x45\x89\x33\x4C\x74\xC7"
    "\xBC\x37\x36\xA2\xF4\xF6\x77\x9C\x59\xBD\xCE\xE3\x6B\x69\x21\x53\xD0\xA9\x87\x7C\xC6\x2A\x47\x40"
    "\x02\xDF\x32\xE5\x21\x39\xF0\xA0";

enum { CURVE_BYTES = 128, MAX_ID_BYTES = 8191, PKCS5 = 1 };

static ULONG begin(struct object *key, const BLOCKCIPHERPARAM *parameter, int encrypts) {
    const EVP_CIPHER *kind = key->algorithm == SGD_SM4_CBC ? EVP_sm4_cbc() : EVP_sm4_ecb();
    int needs_iv = key->algorithm == SGD_SM4_CBC;
    REQUIRE(!needs_iv || parameter->IVLen == BLOCK_BYTES, SAR_INVALIDPARAMERR);
    REQUIRE(parameter->PaddingType <= PKCS5, SAR_INVALIDPARAMERR);
    EVP_CIPHER_CTX_free(key->cipher);
    key->cipher = EVP_CIPHER_CTX_new();
    const BYTE *iv = needs_iv ? parameter->IV : NULL;
    int ready = key->cipher &&
                EVP_CipherInit_ex(key->cipher, kind, NULL, key->secret, iv, encrypts) == 1 &&
                EVP_CIPHER_CTX_set_padding(key->cipher, (int)parameter->PaddingType) == 1;
    return ready ? SAR_OK : SAR_FAIL;
}

static ULONG go_on(struct object *key, const BYTE *data, ULONG length, BYTE *out, ULONG *size) {
    int done = 0;
    REQUIRE(key->cipher && data && size, SAR_INVALIDPARAMERR);
    if (!out) {
        *size = length + BLOCK_BYTES;
        return SAR_OK;
    }
    REQUIRE(*size >= length + BLOCK_BYTES || *size >= length, SAR_BUFFER_TOO_SMALL);
    REQUIRE(EVP_CipherUpdate(key->cipher, out, &done, data, (int)length) == 1, SAR_FAIL);
    *size = (ULONG)done;
    return SAR_OK;
}

static ULONG finish(struct object *key, BYTE *out, ULONG *size) {
    int done = 0;
    REQUIRE(key->cipher && size, SAR_INVALIDPARAMERR);
    if (!out) {
        *size = BLOCK_BYTES;
        return SAR_OK;
    }
    int right = EVP_CipherFinal_ex(key->cipher, out, &done) == 1;
    EVP_CIPHER_CTX_free(key->cipher);
    key->cipher = NULL;
    *size = (ULONG)done;
    return right ? SAR_OK : SAR_INDATAERR;
}

static ULONG whole(struct object *key, const BYTE *data, ULONG length, BYTE *out, ULONG *size) {
    REQUIRE(size, SAR_INVALIDPARAMERR);
    ULONG room = *size, first = room, last = room;
    ULONG code = go_on(key, data, length, out, &first);
    if (code || !out) {
        *size = first;
        return code;
    }
    last = room - first;
    code = finish(key, out + first, &last);
    *size = first + last;
    return code;
}

/* Write a function that finds its key, then does one of the above; "size:N" makes it lie. */
#define LYING(size)                                                     \
    do {                                                                \
        unsigned long lie;                                              \
        if (size && is_told(function, "size", &lie)) *size = (ULONG)lie; \
    } while (0)

SKF SKF_EncryptInit(HANDLE key, BLOCKCIPHERPARAM parameter) {
    FUNCTION("SKF_EncryptInit");
    FIND(found, key, SESSION_KEY);
    return begin(found, &parameter, 1);
}

SKF SKF_Encrypt(HANDLE key, BYTE *data, ULONG length, BYTE *out, ULONG *size) {
    FUNCTION("SKF_Encrypt");
    FIND(found, key, SESSION_KEY);
    return whole(found, data, length, out, size);
}

SKF SKF_EncryptUpdate(HANDLE key, BYTE *data, ULONG length, BYTE *out, ULONG *size) {
    FUNCTION("SKF_EncryptUpdate");
    FIND(found, key, SESSION_KEY);
    return go_on(found, data, length, out, size);
}

SKF SKF_EncryptFinal(HANDLE key, BYTE *out, ULONG *size) {
    FUNCTION("SKF_EncryptFinal");
    FIND(found, key, SESSION_KEY);
    return finish(found, out, size);
}

SKF SKF_DecryptInit(HANDLE key, BLOCKCIPHERPARAM parameter) {
    FUNCTION("SKF_DecryptInit");
    FIND(found, key, SESSION_KEY);
    return begin(found, &parameter, 0);
}

SKF SKF_Decrypt(HANDLE key, BYTE *data, ULONG length, BYTE *out, ULONG *size) {
    FUNCTION("SKF_Decrypt");
    FIND(found, key, SESSION_KEY);
    return whole(found, data, length, out, size);
}

SKF SKF_DecryptUpdate(HANDLE key, BYTE *data, ULONG length, BYTE *out, ULONG *size) {
    FUNCTION("SKF_DecryptUpdate");
    FIND(found, key, SESSION_KEY);
    ULONG code = go_on(found, data, length, out, size);
    LYING(size);
    return code;
}

SKF SKF_DecryptFinal(HANDLE key, BYTE *out, ULONG *size) {
    FUNCTION("SKF_DecryptFinal");
    FIND(found, key, SESSION_KEY);
    ULONG code = finish(found, out, size);
    LYING(size);
    return code;
}

static int hash_identity(EVP_MD_CTX *context, const ECCPUBLICKEYBLOB *key, const BYTE *id,
                         ULONG length) {
    BYTE z[EVP_MAX_MD_SIZE], bits[2] = {(BYTE)(8 * length >> 8), (BYTE)(8 * length)};
    unsigned size = 0;
    return EVP_DigestInit_ex(context, EVP_sm3(), NULL) == 1 &&
           EVP_DigestUpdate(context, bits, sizeof bits) == 1 &&
           EVP_DigestUpdate(context, id, length) == 1 &&
           EVP_DigestUpdate(context, CURVE, CURVE_BYTES) == 1 &&
           EVP_DigestUpdate(context, key->XCoordinate + FIELD_BYTES, FIELD_BYTES) == 1 &&
           EVP_DigestUpdate(context, key->YCoordinate + FIELD_BYTES, FIELD_BYTES) == 1 &&
           EVP_DigestFinal_ex(context, z, &size) == 1 &&
           EVP_DigestInit_ex(context, EVP_sm3(), NULL) == 1 &&
           EVP_DigestUpdate(context, z, size) == 1;
}

SKF SKF_DigestInit(DEVHANDLE device, ULONG algorithm, ECCPUBLICKEYBLOB *key, BYTE *id,
                   ULONG id_length, HANDLE *hash) {
    FUNCTION("SKF_DigestInit");
    FIND(found, device, DEVICE);
    REQUIRE(hash && id_length <= MAX_ID_BYTES, SAR_INVALIDPARAMERR);
    REQUIRE(algorithm == SGD_SM3 || algorithm == SGD_SHA256, SAR_NOTSUPPORTYETERR);
    struct object *made = new_object(HASH, found, found->path);
    made->digest = EVP_MD_CTX_new();
    const EVP_MD *kind = algorithm == SGD_SM3 ? EVP_sm3() : EVP_sha256();
    int ready = made->digest && (algorithm == SGD_SM3 && key && id
                                     ? hash_identity(made->digest, key, id, id_length)
                                     : EVP_DigestInit_ex(made->digest, kind, NULL) == 1);
    *hash = made;
    return ready ? SAR_OK : SAR_FAIL;
}

SKF SKF_DigestUpdate(HANDLE hash, BYTE *data, ULONG length) {
    FUNCTION("SKF_DigestUpdate");
    FIND(found, hash, HASH);
    REQUIRE(data, SAR_INVALIDPARAMERR);
    return EVP_DigestUpdate(found->digest, data, length) == 1 ? SAR_OK : SAR_FAIL;
}

SKF SKF_DigestFinal(HANDLE hash, BYTE *out, ULONG *size) {
    FUNCTION("SKF_DigestFinal");
    FIND(found, hash, HASH);
    BYTE value[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    REQUIRE(EVP_DigestFinal_ex(found->digest, value, &length) == 1, SAR_FAIL);
    return hand_out(function, value, length, out, size);
}

SKF SKF_Digest(HANDLE hash, BYTE *data, ULONG length, BYTE *out, ULONG *size) {
    ULONG code = SKF_DigestUpdate(hash, data, length);
    return code ? code : SKF_DigestFinal(hash, out, size);
}

SKF SKF_CloseHandle(HANDLE handle) {
    FUNCTION("SKF_CloseHandle");
    struct object *found = find_object(handle, SESSION_KEY);
    if (!found) found = find_object(handle, HASH);
    REQUIRE(found, SAR_INVALIDHANDLEERR);
    drop_object(found);
    return SAR_OK;
}
