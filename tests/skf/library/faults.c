/*
 * Faults on command. The file "faults" beside the library is read at every call, so a test changes
 * its mind while the library is loaded. It holds lines of two words:
 *
 *   FUNCTION hang            never return
 *   FUNCTION crash           die of a segmentation fault
 *   FUNCTION sleep:N         wait N milliseconds, then work
 *   FUNCTION code:N          return this code and do nothing
 *   FUNCTION size:N          whatever is handed out, say it has N octets
 *   FUNCTION escape          try the network and a program; what succeeds is noted as "escaped:..."
 *   FUNCTION pull            the device is pulled during this call, which returns SAR_FAIL
 *   SKF_Enum... unterminated    names without a single NUL
 *   SKF_Enum... twice           every name two times
 *   SKF_GetDevInfo unterminated text fields without NUL
 *   SKF_GetPINInfo left:N       tell of N tries
 *   SKF_ExportPublicKey other   hand out the public key of nobody's key pair
 *   SKF_ExportCertificate garbage   hand out octets that are no certificate
 *   SKF_ECCSignData garbage     a signature that is none; likewise SKF_RSASignData
 *   SKF_RSASignData bare        take a bare SHA-256 hash and write its DigestInfo here
 *
 * The name of every function that is called is appended to the file "calls".
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "parts.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

lock_t acquire(void) {
    pthread_mutex_lock(&lock);
    return 1;
}

void release(lock_t *held) {
    if (*held) pthread_mutex_unlock(&lock);
}

int is_told(const char *function, const char *fault, unsigned long *number) {
    char path[PATH_BYTES], name[64], word[64];
    size_t length = strlen(fault);
    int found = 0;
    file_beside(path, "faults");
    FILE *file = fopen(path, "r");
    if (!file) return 0;
    while (!found && fscanf(file, "%63s %63s", name, word) == 2) {
        char end = strncmp(word, fault, length) ? 'x' : word[length];
        found = !strcmp(name, function) && (end == '\0' || end == ':');
        if (found && end == ':' && number) *number = strtoul(word + length + 1, NULL, 0);
    }
    fclose(file);
    return found;
}

static void note(const char *function) {
    char path[PATH_BYTES], line[80];
    file_beside(path, "calls");
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (file < 0) return;
    int length = snprintf(line, sizeof line, "%s\n", function);
    if (write(file, line, (size_t)length) != length) abort();
    close(file);
}

static void escape(void) {
    if (socket(AF_INET, SOCK_STREAM, 0) >= 0) note("escaped:tcp");
    if (system("true") == 0) note("escaped:program");
}

ULONG obey(const char *function) {
    unsigned long number = 0;
    note(function);
    if (is_told(function, "escape", NULL)) escape();
    if (is_told(function, "hang", NULL)) for (;;) pause();
    if (is_told(function, "crash", NULL)) raise(SIGSEGV);
    if (is_told(function, "sleep", &number)) usleep((useconds_t)number * 1000);
    if (is_told(function, "code", &number)) return (ULONG)number;
    return SAR_OK;
}
