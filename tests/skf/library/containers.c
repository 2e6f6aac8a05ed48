/* Containers, certificates and what is done with a key pair (GM/T 0016-2012, 7.5 and 7.6). */
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <string.h>
#include <sys/stat.h>

#include "parts.h"

enum { MAX_SIGNATURE = 1024, SHA256_BYTES = 32, SM4_KEY_BYTES = 16 };

/* DigestInfo of SHA-256 up to the hash (RFC 8017, section 9.2, note 1). */
static const BYTE DIGEST_INFO[] = {0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                   0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};

#define USE_KEY __attribute__((cleanup(free_key)))

static void free_key(EVP_PKEY **key) {
    EVP_PKEY_free(*key);
}

static int may_use_keys(const struct object *container) {
    return container->parent->logged_in[USER_TYPE];
}

static const char *certificate_file(BOOL sign) {
    return sign ? "sign.cer" : "open.cer";
}

/* Tell of the pull that a test asked for. */
static int is_pulled(const char *function, const struct object *object) {
    if (!is_told(function, "pull", NULL)) return 0;
    pull_device(object);
    return 1;
}

static ULONG open_container(struct object *application, const char *name, HCONTAINER *container) {
    char path[PATH_BYTES];
    REQUIRE(name && *name && !strchr(name, '/') && container, SAR_INVALIDPARAMERR);
    join(path, application->path, name);
    REQUIRE(folder_exists(path), SAR_INVALIDPARAMERR);
    *container = new_object(CONTAINER, application, path);
    return SAR_OK;
}

SKF SKF_CreateContainer(HAPPLICATION application, LPSTR name, HCONTAINER *container) {
    FUNCTION("SKF_CreateContainer");
    FIND(found, application, APPLICATION);
    char path[PATH_BYTES];
    REQUIRE(name && *name && !strchr(name, '/') && container, SAR_INVALIDPARAMERR);
    REQUIRE(found->logged_in[USER_TYPE], SAR_USER_NOT_LOGGED_IN);
    join(path, found->path, name);
    REQUIRE(mkdir(path, 0700) == 0, SAR_FILEERR);
    return open_container(found, name, container);
}

SKF SKF_OpenContainer(HAPPLICATION application, LPSTR name, HCONTAINER *container) {
    FUNCTION("SKF_OpenContainer");
    FIND(found, application, APPLICATION);
    return open_container(found, name, container);
}

SKF SKF_CloseContainer(HCONTAINER container) {
    FUNCTION("SKF_CloseContainer");
    struct object *found = find_object(container, CONTAINER);
    REQUIRE(found, SAR_INVALIDHANDLEERR);
    drop_object(found);
    return SAR_OK;
}

SKF SKF_EnumContainer(HAPPLICATION application, LPSTR names, ULONG *size) {
    FUNCTION("SKF_EnumContainer");
    FIND(found, application, APPLICATION);
    char list[LIST_BYTES];
    return hand_out_names(function, list, list_folders(found->path, list), names, size);
}

SKF SKF_GetContainerType(HCONTAINER container, ULONG *type) {
    FUNCTION("SKF_GetContainerType");
    FIND(found, container, CONTAINER);
    REQUIRE(type, SAR_INVALIDPARAMERR);
    USE_KEY EVP_PKEY *sign = load_key(found, 1);
    USE_KEY EVP_PKEY *open = load_key(found, 0);
    const EVP_PKEY *key = sign ? sign : open;
    *type = !key ? NO_KEY : is_rsa(key) ? RSA_CONTAINER : ECC_CONTAINER;
    return SAR_OK;
}

SKF SKF_ImportCertificate(HCONTAINER container, BOOL sign, BYTE *certificate, ULONG length) {
    FUNCTION("SKF_ImportCertificate");
    FIND(found, container, CONTAINER);
    REQUIRE(certificate && length <= FILE_BYTES, SAR_INVALIDPARAMERR);
    REQUIRE(may_use_keys(found), SAR_USER_NOT_LOGGED_IN);
    int stored = write_file(found->path, certificate_file(sign), certificate, length);
    return stored ? SAR_OK : SAR_FILEERR;
}

SKF SKF_ExportCertificate(HCONTAINER container, BOOL sign, BYTE *certificate, ULONG *length) {
    FUNCTION("SKF_ExportCertificate");
    FIND(found, container, CONTAINER);
    BYTE der[FILE_BYTES];
    long read = read_file(found->path, certificate_file(sign), der, sizeof der);
    REQUIRE(read > 0, SAR_CERTNOTFOUNDERR);
    if (is_told(function, "garbage", NULL)) memset(der, 0x5A, (size_t)read);
    return hand_out(function, der, (size_t)read, certificate, length);
}

SKF SKF_ExportPublicKey(HCONTAINER container, BOOL sign, BYTE *blob, ULONG *size) {
    FUNCTION("SKF_ExportPublicKey");
    FIND(found, container, CONTAINER);
    BYTE point[POINT_BYTES];
    USE_KEY EVP_PKEY *key = load_key(found, sign);
    REQUIRE(key, SAR_KEYNOTFOUNDERR);
    if (is_rsa(key)) {
        RSAPUBLICKEYBLOB rsa;
        REQUIRE(write_modulus(key, &rsa), SAR_FAIL);
        if (is_told(function, "other", NULL)) rsa.Modulus[255] ^= 2;
        return hand_out(function, &rsa, sizeof rsa, blob, size);
    }
    ECCPUBLICKEYBLOB ecc;
    REQUIRE(public_point(key, point), SAR_FAIL);
    if (is_told(function, "other", NULL)) point[POINT_BYTES - 1] ^= 1;
    write_point(point, &ecc);
    return hand_out(function, &ecc, sizeof ecc, blob, size);
}

SKF SKF_GenECCKeyPair(HCONTAINER container, ULONG algorithm, ECCPUBLICKEYBLOB *blob) {
    FUNCTION("SKF_GenECCKeyPair");
    FIND(found, container, CONTAINER);
    BYTE point[POINT_BYTES];
    REQUIRE(blob && algorithm == SGD_SM2_1, SAR_INVALIDPARAMERR);
    REQUIRE(may_use_keys(found), SAR_USER_NOT_LOGGED_IN);
    USE_KEY EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "SM2");
    REQUIRE(key && public_point(key, point) && store_key(found, 1, key), SAR_FAIL);
    write_point(point, blob);
    return SAR_OK;
}

SKF SKF_GenRSAKeyPair(HCONTAINER container, ULONG bits, RSAPUBLICKEYBLOB *blob) {
    FUNCTION("SKF_GenRSAKeyPair");
    FIND(found, container, CONTAINER);
    REQUIRE(blob && (bits == 1024 || bits == 2048), SAR_INVALIDPARAMERR);
    REQUIRE(may_use_keys(found), SAR_USER_NOT_LOGGED_IN);
    USE_KEY EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits);
    REQUIRE(key && store_key(found, 1, key) && write_modulus(key, blob), SAR_FAIL);
    return SAR_OK;
}

/* The private key comes under a session key that is encrypted to the signing key. */
SKF SKF_ImportECCKeyPair(HCONTAINER container, ENVELOPEDKEYBLOB *envelope) {
    FUNCTION("SKF_ImportECCKeyPair");
    FIND(found, container, CONTAINER);
    BYTE session[256], scalar[64], point[POINT_BYTES];
    size_t length = sizeof session;
    ECCPUBLICKEYBLOB expected;
    REQUIRE(envelope && envelope->Version == 1 && envelope->ulBits == 256, SAR_INDATAERR);
    REQUIRE(envelope->ulSymmAlgID == SGD_SM4_ECB, SAR_NOTSUPPORTYETERR);
    REQUIRE(may_use_keys(found), SAR_USER_NOT_LOGGED_IN);
    USE_KEY EVP_PKEY *signing = load_key(found, 1);
    REQUIRE(signing && !is_rsa(signing), SAR_KEYNOTFOUNDERR);
    REQUIRE(decrypt_sm2(signing, &envelope->ECCCipherBlob, session, &length), SAR_INDATAERR);
    REQUIRE(length == SM4_KEY_BYTES, SAR_INDATAERR);
    REQUIRE(decrypt_blocks(session, envelope->cbEncryptedPriKey, 64, scalar), SAR_INDATAERR);
    USE_KEY EVP_PKEY *key = private_from_scalar(scalar + FIELD_BYTES);
    REQUIRE(key && public_point(key, point), SAR_INDATAERR);
    write_point(point, &expected);
    REQUIRE(!memcmp(&expected, &envelope->PubKey, sizeof expected), SAR_INDATAERR);
    return store_key(found, 0, key) ? SAR_OK : SAR_FILEERR;
}

SKF SKF_ECCSignData(HCONTAINER container, BYTE *data, ULONG length, ECCSIGNATUREBLOB *value) {
    FUNCTION("SKF_ECCSignData");
    FIND(found, container, CONTAINER);
    BYTE der[MAX_SIGNATURE];
    size_t size = sizeof der;
    if (is_pulled(function, found)) return SAR_FAIL;
    REQUIRE(data && value && length == 32, SAR_INDATALENERR);
    REQUIRE(may_use_keys(found), SAR_USER_NOT_LOGGED_IN);
    USE_KEY EVP_PKEY *key = load_key(found, 1);
    REQUIRE(key && !is_rsa(key), SAR_KEYNOTFOUNDERR);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    int made = context && EVP_PKEY_sign_init(context) == 1 &&
               EVP_PKEY_sign(context, der, &size, data, (size_t)length) == 1 &&
               split_signature(der, size, value);
    EVP_PKEY_CTX_free(context);
    if (is_told(function, "garbage", NULL)) memset(value, 0xFF, sizeof *value);
    return made ? SAR_OK : SAR_FAIL;
}

SKF SKF_RSASignData(HCONTAINER container, BYTE *data, ULONG length, BYTE *value, ULONG *size) {
    FUNCTION("SKF_RSASignData");
    FIND(found, container, CONTAINER);
    BYTE made[MAX_SIGNATURE], info[sizeof DIGEST_INFO + SHA256_BYTES];
    size_t made_length = sizeof made;
    if (is_pulled(function, found)) return SAR_FAIL;
    REQUIRE(data, SAR_INVALIDPARAMERR);
    REQUIRE(may_use_keys(found), SAR_USER_NOT_LOGGED_IN);
    USE_KEY EVP_PKEY *key = load_key(found, 1);
    REQUIRE(key && is_rsa(key), SAR_KEYNOTFOUNDERR);
    if (is_told(function, "bare", NULL)) {
        REQUIRE(length == SHA256_BYTES, SAR_INDATALENERR);
        memcpy(info, DIGEST_INFO, sizeof DIGEST_INFO);
        memcpy(info + sizeof DIGEST_INFO, data, SHA256_BYTES);
        data = info;
        length = sizeof info;
    }
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    int right = context && EVP_PKEY_sign_init(context) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
                EVP_PKEY_sign(context, made, &made_length, data, (size_t)length) == 1;
    EVP_PKEY_CTX_free(context);
    REQUIRE(right, SAR_FAIL);
    if (is_told(function, "garbage", NULL)) memset(made, 0xFF, made_length);
    return hand_out(function, made, made_length, value, size);
}

SKF SKF_ImportSessionKey(HCONTAINER container, ULONG algorithm, BYTE *wrapped, ULONG length,
                         HANDLE *handle) {
    FUNCTION("SKF_ImportSessionKey");
    FIND(found, container, CONTAINER);
    const ECCCIPHERBLOB *cipher = (const ECCCIPHERBLOB *)wrapped;
    const size_t head = offsetof(ECCCIPHERBLOB, Cipher);
    BYTE session[256];
    size_t opened = sizeof session;
    REQUIRE(wrapped && handle, SAR_INVALIDPARAMERR);
    REQUIRE(algorithm == SGD_SM4_ECB || algorithm == SGD_SM4_CBC, SAR_NOTSUPPORTYETERR);
    REQUIRE(length >= head && length == head + cipher->CipherLen, SAR_INDATALENERR);
    REQUIRE(may_use_keys(found), SAR_USER_NOT_LOGGED_IN);
    USE_KEY EVP_PKEY *key = load_key(found, 0);
    REQUIRE(key && !is_rsa(key), SAR_KEYNOTFOUNDERR);
    REQUIRE(decrypt_sm2(key, cipher, session, &opened), SAR_INDATAERR);
    REQUIRE(opened == SM4_KEY_BYTES, SAR_INDATAERR);
    struct object *made = new_object(SESSION_KEY, found, found->path);
    memcpy(made->secret, session, SM4_KEY_BYTES);
    made->algorithm = algorithm;
    *handle = made;
    return SAR_OK;
}

SKF SKF_ECCPrvKeyDecrypt(HCONTAINER container, ECCCIPHERBLOB *cipher, BYTE *out, ULONG *size) {
    FUNCTION("SKF_ECCPrvKeyDecrypt");
    FIND(found, container, CONTAINER);
    BYTE opened[1024];
    size_t length = sizeof opened;
    REQUIRE(cipher, SAR_INVALIDPARAMERR);
    REQUIRE(may_use_keys(found), SAR_USER_NOT_LOGGED_IN);
    USE_KEY EVP_PKEY *key = load_key(found, 0);
    REQUIRE(key && !is_rsa(key), SAR_KEYNOTFOUNDERR);
    REQUIRE(decrypt_sm2(key, cipher, opened, &length), SAR_INDATAERR);
    return hand_out(function, opened, length, out, size);
}
