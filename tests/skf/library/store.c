/*
 * Where everything lies: folders below "devices" beside the library.
 *
 *   devices/DEVICE/info                    label, serial number: two lines
 *   devices/DEVICE/APPLICATION/pins        user PIN's hash, most and remaining tries; the admin's
 *   devices/DEVICE/APPLICATION/CONTAINER/  sign.key, open.key (PKCS#8), sign.cer, open.cer (DER)
 *
 * A folder whose name begins with a dot is a device that was pulled.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "parts.h"

static struct object *objects;

void join(char *path, const char *folder, const char *name) {
    char joined[2 * PATH_BYTES];
    snprintf(joined, sizeof joined, "%s/%s", folder, name);
    snprintf(path, PATH_BYTES, "%.*s", PATH_BYTES - 1, joined);
}

void file_beside(char *path, const char *name) {
    Dl_info here;
    char folder[PATH_BYTES];
    dladdr((void *)&file_beside, &here);
    snprintf(folder, sizeof folder, "%s", here.dli_fname);
    *strrchr(folder, '/') = '\0';
    join(path, folder, name);
}

void devices_folder(char *path) {
    file_beside(path, "devices");
}

int folder_exists(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

/* Write the names of the folders in a folder, each with its NUL; return how many octets. */
size_t list_folders(const char *folder, char *list) {
    struct dirent **entries;
    size_t length = 0;
    int count = scandir(folder, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char path[PATH_BYTES];
        const char *name = entries[i]->d_name;
        join(path, folder, name);
        if (name[0] != '.' && folder_exists(path) && length + strlen(name) + 2 < LIST_BYTES) {
            strcpy(list + length, name);
            length += strlen(name) + 1;
        }
        free(entries[i]);
    }
    if (count >= 0) free(entries);
    return length;
}

long read_file(const char *folder, const char *name, BYTE *octets, size_t size) {
    char path[PATH_BYTES];
    join(path, folder, name);
    FILE *file = fopen(path, "rb");
    if (!file) return -1;
    size_t length = fread(octets, 1, size, file);
    fclose(file);
    return (long)length;
}

int write_file(const char *folder, const char *name, const BYTE *octets, size_t length) {
    char path[PATH_BYTES], fresh[PATH_BYTES];
    join(path, folder, name);
    join(fresh, folder, ".fresh");
    FILE *file = fopen(fresh, "wb");
    if (!file) return 0;
    size_t written = fwrite(octets, 1, length, file);
    return fclose(file) == 0 && written == length && rename(fresh, path) == 0;
}

void pull_device(const struct object *object) {
    char folder[PATH_BYTES], pulled[PATH_BYTES];
    while (object->parent) object = object->parent;
    snprintf(folder, sizeof folder, "%s", object->path);
    char *slash = strrchr(folder, '/');
    *slash = '\0';
    snprintf(pulled, sizeof pulled, ".%.*s", NAME_BYTES, slash + 1);
    join(pulled, folder, pulled);
    rename(object->path, pulled);
}

struct object *new_object(enum kind kind, struct object *parent, const char *path) {
    struct object *made = calloc(1, sizeof *made);
    if (!made) abort();
    made->kind = kind;
    made->parent = parent;
    snprintf(made->path, sizeof made->path, "%s", path);
    made->next = objects;
    return objects = made;
}

struct object *find_object(HANDLE handle, enum kind kind) {
    for (struct object *each = objects; each; each = each->next)
        if (each == handle) return each->kind == kind ? each : NULL;
    return NULL;
}

int is_here(const struct object *object) {
    return folder_exists(object->path);
}

void drop_object(struct object *object) {
    for (struct object *each = objects; each;) {
        struct object *child = each->parent == object ? each : NULL;
        each = each->next;
        if (child) {
            drop_object(child);
            each = objects;
        }
    }
    struct object **place = &objects;
    while (*place != object) place = &(*place)->next;
    *place = object->next;
    EVP_CIPHER_CTX_free(object->cipher);
    EVP_MD_CTX_free(object->digest);
    memset(object, 0, sizeof *object);
    free(object);
}

/* The standard's way with sizes: no buffer asks for the size, a short one is refused. */
ULONG hand_out(const char *function, const void *data, size_t length, void *out, ULONG *size) {
    unsigned long lie;
    REQUIRE(size, SAR_INVALIDPARAMERR);
    ULONG room = *size;
    *size = is_told(function, "size", &lie) ? (ULONG)lie : (ULONG)length;
    if (!out) return SAR_OK;
    REQUIRE(room >= length, SAR_BUFFER_TOO_SMALL);
    memcpy(out, data, length);
    return SAR_OK;
}

ULONG hand_out_names(const char *function, char *list, size_t length, LPSTR out, ULONG *size) {
    if (is_told(function, "twice", NULL) && 2 * length < LIST_BYTES) {
        memcpy(list + length, list, length);
        length *= 2;
    }
    if (is_told(function, "unterminated", NULL)) {
        for (size_t i = 0; i < length; i++)
            if (!list[i]) list[i] = 'x';
        return hand_out(function, list, length, out, size);
    }
    list[length] = '\0';
    return hand_out(function, list, length + 1, out, size);
}
