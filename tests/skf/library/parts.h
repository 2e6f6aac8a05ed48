/* What the library's parts offer each other. One lock is held during every call (see FUNCTION). */
#ifndef PARTS_H
#define PARTS_H

#include <openssl/evp.h>
#include <stddef.h>

#include "skf.h"

enum { PATH_BYTES = 1024, NAME_BYTES = 256, LIST_BYTES = 8192, FILE_BYTES = 16384 };
enum { FIELD_BYTES = 32, POINT_BYTES = 65, BLOCK_BYTES = 16 };

enum kind { DEVICE = 1, APPLICATION, CONTAINER, SESSION_KEY, HASH };

/* What a HANDLE points to; it is looked up before it is believed. */
struct object {
    enum kind kind;
    struct object *parent, *next;
    char path[PATH_BYTES];
    int logged_in[2];          /* application: by user type */
    BYTE secret[BLOCK_BYTES];  /* session key; device: the random octets of SKF_DevAuth */
    ULONG algorithm, padding;
    EVP_CIPHER_CTX *cipher;
    EVP_MD_CTX *digest;
};

/* Begins every function: notes the call, does what the file of faults tells, takes the lock. */
#define FUNCTION(name)                       \
    const char *const function = name;       \
    ULONG told_code = obey(function);        \
    if (told_code) return told_code;         \
    lock_t held __attribute__((cleanup(release))) = acquire()

#define REQUIRE(condition, code) \
    do { if (!(condition)) return (code); } while (0)

/* Whose path no longer exists sits on a device that was pulled. */
#define FIND(variable, handle, kind)                                \
    struct object *variable = find_object((handle), (kind));        \
    REQUIRE(variable, SAR_INVALIDHANDLEERR);                        \
    REQUIRE(is_here(variable), SAR_DEVICE_REMOVED)

typedef int lock_t;

/* faults.c */
ULONG obey(const char *function);
lock_t acquire(void);
void release(lock_t *held);
int is_told(const char *function, const char *fault, unsigned long *number);

/* store.c */
void join(char *path, const char *folder, const char *name);
void devices_folder(char *path);
void file_beside(char *path, const char *name);
size_t list_folders(const char *folder, char *list);
long read_file(const char *folder, const char *name, BYTE *octets, size_t size);
int write_file(const char *folder, const char *name, const BYTE *octets, size_t length);
int folder_exists(const char *path);
void pull_device(const struct object *object);
struct object *new_object(enum kind kind, struct object *parent, const char *path);
struct object *find_object(HANDLE handle, enum kind kind);
int is_here(const struct object *object);
void drop_object(struct object *object);
ULONG hand_out(const char *function, const void *data, size_t length, void *out, ULONG *size);
ULONG hand_out_names(const char *function, char *list, size_t length, LPSTR out, ULONG *size);

/* keys.c */
EVP_PKEY *load_key(const struct object *container, BOOL sign);
int store_key(const struct object *container, BOOL sign, EVP_PKEY *key);
int is_rsa(const EVP_PKEY *key);
int public_point(EVP_PKEY *key, BYTE *point);
EVP_PKEY *private_from_scalar(const BYTE *scalar);
void write_point(const BYTE *point, ECCPUBLICKEYBLOB *blob);
int write_modulus(EVP_PKEY *key, RSAPUBLICKEYBLOB *blob);
int split_signature(const BYTE *der, size_t length, ECCSIGNATUREBLOB *value);
int decrypt_sm2(EVP_PKEY *key, const ECCCIPHERBLOB *cipher, BYTE *out, size_t *length);
int decrypt_blocks(const BYTE *key, const BYTE *data, int length, BYTE *out);

#endif
