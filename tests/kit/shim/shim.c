/*
 * A PKCS#11 module for tests. It passes every call on to another module, whose path is compiled in
 * as REAL_MODULE, except where the file "faults" beside it says otherwise. That file is read at
 * every call, so a test changes its mind while the module is loaded. It holds lines of two words:
 *
 *   FUNCTION hang           never return
 *   FUNCTION crash          die of a segmentation fault
 *   FUNCTION sleep:N        wait N milliseconds, then do as told
 *   FUNCTION 0xNN           return this value and do nothing
 *   FUNCTION escape         try what no driver needs; what succeeds is noted as "escaped:..."
 *   C_Sign garbage          return CKR_OK and a signature that is none
 *   C_Sign shorten:N        cut the signature's length down to N octets
 *   C_Sign pull             return CKR_GENERAL_ERROR; the token is gone while this line stands
 *   C_Login typed:PIN       give this PIN to the real module where the caller gave none
 *   C_GetTokenInfo flags:N  set these flags, too
 *   C_GetTokenInfo pins:N:M tell these shortest and longest PINs
 *   C_GetSlotList count:N   tell of so many slots
 *   C_GetAttributeValue vendor-key   give elliptic curve keys a vendor's key type
 *
 * The name of every function that is called is appended to the file "calls".
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

typedef unsigned long word; /* CK_ULONG, and wide enough for every pointer */
typedef word (*function)(word, word, word, word, word, word);

struct function_list { unsigned char version[2]; function at[68]; };
struct attribute { word type; void *value; word length; };
struct token_info { char texts[96]; word flags; word sessions[4]; word max_pin, min_pin; };

enum { OK = 0x00, GENERAL_ERROR = 0x05, TOKEN_NOT_PRESENT = 0xE0 };
enum { KEY_TYPE_ATTRIBUTE = 0x100, EC_KEY = 3 };
static const word VENDOR_KEY = 0x80000103UL;

static struct function_list *real, own;
static int pulled;

static void beside(const char *name, char *path, size_t size) {
    Dl_info here;
    dladdr((void *)&beside, &here);
    snprintf(path, size, "%s", here.dli_fname);
    char *slash = strrchr(path, '/');
    snprintf(slash + 1, size - (size_t)(slash + 1 - path), "%s", name);
}

/* Whether the file tells of a fault for this function that begins with `kind`. */
static int told(const char *name, const char *kind, char *fault, size_t size) {
    char path[4096], line_name[64], line_fault[64];
    int found = 0;
    beside("faults", path, sizeof path);
    FILE *file = fopen(path, "r");
    if (!file) return 0;
    while (!found && fscanf(file, "%63s %63s", line_name, line_fault) == 2)
        found = !strcmp(line_name, name) && !strncmp(line_fault, kind, strlen(kind));
    fclose(file);
    if (found && fault) snprintf(fault, size, "%s", line_fault + strlen(kind));
    return found;
}

static void note(const char *name) {
    char path[4096], line[80];
    beside("calls", path, sizeof path);
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (file < 0) return;
    int length = snprintf(line, sizeof line, "%s\n", name);
    if (write(file, line, (size_t)length) != length) abort();
    close(file);
}

/* Try to get out of the room by every door. */
static void escape(void) {
    char path[4096], octet;
    struct iovec here = {&octet, 1}, there = {&octet, 1};
    beside("escaped", path, sizeof path);
    if (open(path, O_WRONLY | O_CREAT, 0600) >= 0) note("escaped:file");
    if (socket(AF_INET, SOCK_STREAM, 0) >= 0) note("escaped:tcp");
    if (socket(AF_INET6, SOCK_DGRAM, 0) >= 0) note("escaped:udp");
    if (socket(AF_UNIX, SOCK_STREAM, 0) >= 0) note("kept:unix");
    if (socket(AF_NETLINK, SOCK_RAW, 15) >= 0) note("kept:netlink");
    if (system("true") == 0) note("escaped:program");
    pid_t child = fork();
    if (child == 0) _exit(0);
    if (child > 0) note("escaped:process");
    if (kill(getppid(), 0) == 0) note("escaped:signal");
    if (process_vm_readv(getppid(), &here, 1, &there, 1, 0) >= 0 || errno != EPERM)
        note("escaped:memory");
}

static word pass(int place, const char *name, word a, word b, word c, word d, word e, word f) {
    char fault[64];
    note(name);
    pulled = pulled && told("C_Sign", "pull", 0, 0);
    if (told(name, "escape", 0, 0)) escape();
    if (told(name, "hang", 0, 0)) for (;;) pause();
    if (told(name, "crash", 0, 0)) raise(SIGSEGV);
    if (told(name, "sleep:", fault, sizeof fault)) usleep(1000 * (useconds_t)atoi(fault));
    if (told(name, "0x", fault, sizeof fault)) return strtoul(fault, 0, 16);
    return real->at[place](a, b, c, d, e, f);
}

#define PASS(place, name) \
    static word name(word a, word b, word c, word d, word e, word f) { \
        return pass(place, #name, a, b, c, d, e, f); \
    }

PASS(0, C_Initialize)
PASS(1, C_Finalize)
PASS(2, C_GetInfo)
PASS(5, C_GetSlotInfo)
PASS(12, C_OpenSession)
PASS(13, C_CloseSession)
PASS(19, C_Logout)
PASS(26, C_FindObjectsInit)
PASS(27, C_FindObjects)
PASS(28, C_FindObjectsFinal)
PASS(42, C_SignInit)

static word C_Login(word session, word user, word pin, word length, word e, word f) {
    char typed[64];
    if (!pin && told("C_Login", "typed:", typed, sizeof typed))
        return pass(18, "C_Login", session, user, (word)typed, strlen(typed), e, f);
    return pass(18, "C_Login", session, user, pin, length, e, f);
}

static word C_GetSlotList(word present, word list, word count, word d, word e, word f) {
    char fault[64];
    word code = pass(4, "C_GetSlotList", present, list, count, d, e, f);
    if (code == OK && !list && told("C_GetSlotList", "count:", fault, sizeof fault))
        *(word *)count = strtoul(fault, 0, 0);
    return code;
}

static word C_GetTokenInfo(word slot, word info, word c, word d, word e, word f) {
    char fault[64];
    word code = pass(6, "C_GetTokenInfo", slot, info, c, d, e, f);
    struct token_info *token = (struct token_info *)info;
    if (pulled) return TOKEN_NOT_PRESENT;
    if (code == OK && told("C_GetTokenInfo", "flags:", fault, sizeof fault))
        token->flags |= strtoul(fault, 0, 0);
    if (code == OK && told("C_GetTokenInfo", "pins:", fault, sizeof fault)) {
        char *rest;
        token->min_pin = strtoul(fault, &rest, 0);
        token->max_pin = strtoul(rest + 1, 0, 0);
    }
    return code;
}

static word C_GetAttributeValue(word session, word object, word list, word count, word e, word f) {
    word code = pass(24, "C_GetAttributeValue", session, object, list, count, e, f);
    struct attribute *each = (struct attribute *)list;
    if (told("C_GetAttributeValue", "vendor-key", 0, 0))
        for (; count--; each++)
            if (each->type == KEY_TYPE_ATTRIBUTE && each->value && each->length == sizeof(word) &&
                *(word *)each->value == EC_KEY)
                *(word *)each->value = VENDOR_KEY;
    return code;
}

static word C_Sign(word session, word data, word size, word signature, word length, word f) {
    char fault[64];
    if (told("C_Sign", "pull", 0, 0)) {
        note("C_Sign");
        pulled = 1;
        return GENERAL_ERROR;
    }
    word code = pass(43, "C_Sign", session, data, size, signature, length, f);
    if (code == OK && told("C_Sign", "garbage", 0, 0))
        memset((void *)signature, 0x5A, *(word *)length);
    if (code == OK && told("C_Sign", "shorten:", fault, sizeof fault))
        *(word *)length = strtoul(fault, 0, 0);
    return code;
}

word C_GetFunctionList(struct function_list **list) {
    if (!real) {
        void *module = dlopen(REAL_MODULE, RTLD_NOW | RTLD_LOCAL);
        if (!module) return GENERAL_ERROR;
        word (*get)(struct function_list **) =
            (word(*)(struct function_list **))dlsym(module, "C_GetFunctionList");
        if (!get || get(&real) != OK) return GENERAL_ERROR;
        own = *real;
        own.at[0] = C_Initialize;
        own.at[1] = C_Finalize;
        own.at[2] = C_GetInfo;
        own.at[4] = C_GetSlotList;
        own.at[5] = C_GetSlotInfo;
        own.at[6] = C_GetTokenInfo;
        own.at[12] = C_OpenSession;
        own.at[13] = C_CloseSession;
        own.at[18] = C_Login;
        own.at[19] = C_Logout;
        own.at[24] = C_GetAttributeValue;
        own.at[26] = C_FindObjectsInit;
        own.at[27] = C_FindObjects;
        own.at[28] = C_FindObjectsFinal;
        own.at[42] = C_SignInit;
        own.at[43] = C_Sign;
    }
    *list = &own;
    return told("C_GetFunctionList", "0x", 0, 0) ? GENERAL_ERROR : OK;
}
