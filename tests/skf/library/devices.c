/* Devices, their applications, and PINs (GM/T 0016-2012, sections 7.1 to 7.3). */
#define _GNU_SOURCE
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "parts.h"

enum { SHORTEST_PIN = 6, LONGEST_PIN = 16, WAIT_STEP_US = 20000 };
enum { HASH_BYTES = 32, HASH_DIGITS = 2 * HASH_BYTES };

static const BYTE AUTHENTICATION_KEY[] = "1234567812345678";

static volatile int cancelled;

/* SHA-256 of a PIN and its counter; `pins` holds the admin's at 0 and the user's at 1. */
struct pin { char hash[HASH_DIGITS + 1]; unsigned most, left; };

/* PINs are kept as hashes, so that a search of the memory finds only what the caller left there. */
static void hash_pin(const char *pin, char *digits) {
    BYTE hash[HASH_BYTES];
    EVP_Digest(pin, strlen(pin), hash, NULL, EVP_sha256(), NULL);
    for (int i = 0; i < HASH_BYTES; i++) sprintf(digits + 2 * i, "%02x", hash[i]);
}

static int read_pins(const struct object *application, struct pin *pins) {
    char line[256] = "";
    struct pin *user = &pins[USER_TYPE], *admin = &pins[ADMIN_TYPE];
    if (read_file(application->path, "pins", (BYTE *)line, sizeof line - 1) < 0) return 0;
    return sscanf(line, "%64s %u %u %64s %u %u", user->hash, &user->most, &user->left, admin->hash,
                  &admin->most, &admin->left) == 6;
}

static int write_pins(const struct object *application, const struct pin *pins) {
    char line[256];
    const struct pin *user = &pins[USER_TYPE], *admin = &pins[ADMIN_TYPE];
    int length = snprintf(line, sizeof line, "%s %u %u %s %u %u\n", user->hash, user->most,
                          user->left, admin->hash, admin->most, admin->left);
    return write_file(application->path, "pins", (BYTE *)line, (size_t)length);
}

static int fits(const char *pin) {
    size_t length = pin ? strlen(pin) : 0;
    return SHORTEST_PIN <= length && length <= LONGEST_PIN;
}

/* Try a PIN; the counter goes down on disk before anything is told. */
static ULONG try_pin(struct object *application, struct pin *pins, ULONG type, const char *pin,
                     ULONG *left) {
    struct pin *own = &pins[type];
    char hash[HASH_DIGITS + 1];
    REQUIRE(own->left, SAR_PIN_LOCKED);
    REQUIRE(fits(pin), SAR_PIN_LEN_RANGE);
    hash_pin(pin, hash);
    int right = !strcmp(hash, own->hash);
    own->left = right ? own->most : own->left - 1;
    REQUIRE(write_pins(application, pins), SAR_FILEERR);
    if (left) *left = own->left;
    if (right) return SAR_OK;
    return own->left ? SAR_PIN_INCORRECT : SAR_PIN_LOCKED;
}

static int holds(const char *list, size_t length, const char *name) {
    for (size_t i = 0; i < length; i += strlen(list + i) + 1)
        if (!strcmp(list + i, name)) return 1;
    return 0;
}

/* Return a name that is in the first list and not in the second. */
static const char *only_in(const char *list, size_t length, const char *other, size_t other_length) {
    for (size_t i = 0; i < length; i += strlen(list + i) + 1)
        if (!holds(other, other_length, list + i)) return list + i;
    return NULL;
}

/* The devices that were told of last, by a list or by an event; both may be asked at once. */
static struct { int known; size_t length; char list[LIST_BYTES]; } seen;

/* Compare with what was seen; write the name that came or went, and return which (0: neither). */
static ULONG compare(char *changed) {
    lock_t held __attribute__((cleanup(release))) = acquire();
    char folder[PATH_BYTES], now[LIST_BYTES];
    devices_folder(folder);
    size_t length = list_folders(folder, now);
    const char *came = seen.known ? only_in(now, length, seen.list, seen.length) : NULL;
    const char *went = seen.known ? only_in(seen.list, seen.length, now, length) : NULL;
    if (came || went) snprintf(changed, NAME_BYTES, "%s", came ? came : went);
    memcpy(seen.list, now, length);
    seen.length = length;
    seen.known = 1;
    return came ? DEVICE_CAME : went ? DEVICE_WENT : 0;
}

SKF SKF_WaitForDevEvent(LPSTR name, ULONG *name_length, ULONG *event) {
    char changed[NAME_BYTES];
    ULONG code = obey("SKF_WaitForDevEvent");
    if (code) return code;
    REQUIRE(name && name_length && event, SAR_INVALIDPARAMERR);
    for (cancelled = 0; !cancelled; usleep(WAIT_STEP_US)) {
        *event = compare(changed);
        if (!*event) continue;
        return hand_out("SKF_WaitForDevEvent", changed, strlen(changed) + 1, name, name_length);
    }
    return SAR_NOT_EVENTERR;
}

SKF SKF_CancelWaitForDevEvent(void) {
    ULONG code = obey("SKF_CancelWaitForDevEvent");
    if (!code) cancelled = 1;
    return code;
}

SKF SKF_EnumDev(BOOL present, LPSTR names, ULONG *size) {
    FUNCTION("SKF_EnumDev");
    char folder[PATH_BYTES], list[LIST_BYTES];
    (void)present; /* there is no difference: what is not present is not known */
    devices_folder(folder);
    size_t length = list_folders(folder, list);
    if (!seen.known) {
        memcpy(seen.list, list, length);
        seen.length = length;
        seen.known = 1;
    }
    return hand_out_names(function, list, length, names, size);
}

SKF SKF_ConnectDev(LPSTR name, DEVHANDLE *device) {
    FUNCTION("SKF_ConnectDev");
    char folder[PATH_BYTES];
    REQUIRE(name && *name && !strchr(name, '/') && device, SAR_INVALIDPARAMERR);
    devices_folder(folder);
    join(folder, folder, name);
    REQUIRE(folder_exists(folder), SAR_DEVICE_REMOVED);
    *device = new_object(DEVICE, NULL, folder);
    return SAR_OK;
}

SKF SKF_DisConnectDev(DEVHANDLE device) {
    FUNCTION("SKF_DisConnectDev");
    struct object *found = find_object(device, DEVICE);
    REQUIRE(found, SAR_INVALIDHANDLEERR);
    drop_object(found);
    return SAR_OK;
}

SKF SKF_GetDevState(LPSTR name, ULONG *state) {
    FUNCTION("SKF_GetDevState");
    char folder[PATH_BYTES];
    REQUIRE(name && state, SAR_INVALIDPARAMERR);
    devices_folder(folder);
    join(folder, folder, name);
    *state = folder_exists(folder) ? DEV_PRESENT : DEV_ABSENT;
    return SAR_OK;
}

SKF SKF_GetDevInfo(DEVHANDLE device, DEVINFO *info) {
    FUNCTION("SKF_GetDevInfo");
    FIND(found, device, DEVICE);
    char text[256] = "", *rest = text;
    REQUIRE(info, SAR_INVALIDPARAMERR);
    REQUIRE(read_file(found->path, "info", (BYTE *)text, sizeof text - 1) > 0, SAR_FILEERR);
    const char *label = strsep(&rest, "\n"), *serial = strsep(&rest, "\n");
    memset(info, 0, sizeof *info);
    info->Version[0] = 1;
    strcpy(info->Manufacturer, "Signet tests");
    strcpy(info->Issuer, "Signet tests");
    snprintf(info->Label, sizeof info->Label, "%s", label);
    snprintf(info->SerialNumber, sizeof info->SerialNumber, "%s", serial ? serial : "");
    info->AlgSymCap = SGD_SM4_ECB | SGD_SM4_CBC;
    info->AlgAsymCap = SGD_RSA | SGD_SM2_1;
    info->AlgHashCap = SGD_SM3 | SGD_SHA256;
    info->DevAuthAlgId = SGD_SM4_ECB;
    info->TotalSpace = info->FreeSpace = 1 << 16;
    if (is_told(function, "unterminated", NULL)) {
        memset(info->Label, 'L', sizeof info->Label);
        memset(info->SerialNumber, '7', sizeof info->SerialNumber);
    }
    return SAR_OK;
}

SKF SKF_LockDev(DEVHANDLE device, ULONG timeout) {
    FUNCTION("SKF_LockDev");
    FIND(found, device, DEVICE);
    (void)found;
    (void)timeout; /* one process uses these devices */
    return SAR_OK;
}

SKF SKF_UnlockDev(DEVHANDLE device) {
    FUNCTION("SKF_UnlockDev");
    FIND(found, device, DEVICE);
    (void)found;
    return SAR_OK;
}

SKF SKF_GenRandom(DEVHANDLE device, BYTE *random, ULONG length) {
    FUNCTION("SKF_GenRandom");
    FIND(found, device, DEVICE);
    REQUIRE(random && length <= FILE_BYTES, SAR_INVALIDPARAMERR);
    REQUIRE(RAND_bytes(random, (int)length) == 1, SAR_FAIL);
    memset(found->secret, 0, sizeof found->secret);
    memcpy(found->secret, random, length < 8 ? length : 8);
    return SAR_OK;
}

/* The first eight random octets, filled up with zeros, under the device's authentication key. */
SKF SKF_DevAuth(DEVHANDLE device, BYTE *data, ULONG length) {
    FUNCTION("SKF_DevAuth");
    FIND(found, device, DEVICE);
    BYTE opened[BLOCK_BYTES];
    REQUIRE(data && length == BLOCK_BYTES, SAR_INDATALENERR);
    REQUIRE(decrypt_blocks(AUTHENTICATION_KEY, data, BLOCK_BYTES, opened), SAR_FAIL);
    return memcmp(opened, found->secret, BLOCK_BYTES) ? SAR_FAIL : SAR_OK;
}

SKF SKF_EnumApplication(DEVHANDLE device, LPSTR names, ULONG *size) {
    FUNCTION("SKF_EnumApplication");
    FIND(found, device, DEVICE);
    char list[LIST_BYTES];
    return hand_out_names(function, list, list_folders(found->path, list), names, size);
}

SKF SKF_OpenApplication(DEVHANDLE device, LPSTR name, HAPPLICATION *application) {
    FUNCTION("SKF_OpenApplication");
    FIND(found, device, DEVICE);
    char path[PATH_BYTES];
    REQUIRE(name && *name && !strchr(name, '/') && application, SAR_INVALIDPARAMERR);
    join(path, found->path, name);
    REQUIRE(folder_exists(path), SAR_APPLICATION_NOT_EXISTS);
    *application = new_object(APPLICATION, found, path);
    return SAR_OK;
}

SKF SKF_CloseApplication(HAPPLICATION application) {
    FUNCTION("SKF_CloseApplication");
    struct object *found = find_object(application, APPLICATION);
    REQUIRE(found, SAR_INVALIDHANDLEERR);
    drop_object(found);
    return SAR_OK;
}

SKF SKF_GetPINInfo(HAPPLICATION application, ULONG type, ULONG *most, ULONG *left, BOOL *initial) {
    FUNCTION("SKF_GetPINInfo");
    FIND(found, application, APPLICATION);
    struct pin pins[2];
    unsigned long lie;
    REQUIRE(type <= USER_TYPE, SAR_USER_TYPE_INVALID);
    REQUIRE(most && left && initial, SAR_INVALIDPARAMERR);
    REQUIRE(read_pins(found, pins), SAR_FILEERR);
    *most = pins[type].most;
    *left = is_told(function, "left", &lie) ? (ULONG)lie : pins[type].left;
    *initial = 0;
    return SAR_OK;
}

SKF SKF_VerifyPIN(HAPPLICATION application, ULONG type, LPSTR pin, ULONG *left) {
    FUNCTION("SKF_VerifyPIN");
    FIND(found, application, APPLICATION);
    struct pin pins[2];
    REQUIRE(type <= USER_TYPE, SAR_USER_TYPE_INVALID);
    REQUIRE(read_pins(found, pins), SAR_FILEERR);
    found->logged_in[type] = 0;
    ULONG code = try_pin(found, pins, type, pin, left);
    found->logged_in[type] = code == SAR_OK;
    return code;
}

SKF SKF_ChangePIN(HAPPLICATION application, ULONG type, LPSTR old, LPSTR new, ULONG *left) {
    FUNCTION("SKF_ChangePIN");
    FIND(found, application, APPLICATION);
    struct pin pins[2];
    REQUIRE(type <= USER_TYPE, SAR_USER_TYPE_INVALID);
    REQUIRE(fits(new), SAR_PIN_LEN_RANGE);
    REQUIRE(read_pins(found, pins), SAR_FILEERR);
    ULONG code = try_pin(found, pins, type, old, left);
    if (code) return code;
    hash_pin(new, pins[type].hash);
    return write_pins(found, pins) ? SAR_OK : SAR_FILEERR;
}

SKF SKF_UnblockPIN(HAPPLICATION application, LPSTR admin, LPSTR user, ULONG *left) {
    FUNCTION("SKF_UnblockPIN");
    FIND(found, application, APPLICATION);
    struct pin pins[2];
    REQUIRE(fits(user), SAR_PIN_LEN_RANGE);
    REQUIRE(read_pins(found, pins), SAR_FILEERR);
    ULONG code = try_pin(found, pins, ADMIN_TYPE, admin, left);
    if (code) return code;
    hash_pin(user, pins[USER_TYPE].hash);
    pins[USER_TYPE].left = pins[USER_TYPE].most;
    return write_pins(found, pins) ? SAR_OK : SAR_FILEERR;
}

SKF SKF_ClearSecureState(HAPPLICATION application) {
    FUNCTION("SKF_ClearSecureState");
    FIND(found, application, APPLICATION);
    memset(found->logged_in, 0, sizeof found->logged_in);
    return SAR_OK;
}
