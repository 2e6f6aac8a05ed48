/*
 * What an SKF token can do without an agent: a loop over the library and nothing else.
 *
 * Usage: skf_loop LIBRARY DEVICE APPLICATION CONTAINER PIN. A line with a number N is answered by the
 * seconds of each of N turns: connect, open, verify the PIN, sign a hash, close.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "skf.h"

#define LOAD(name) (*(__typeof__(&SKF_##name) *)loaded(library, "SKF_" #name))
#define TRY(call) do { if ((call) != SAR_OK) abort(); } while (0)

static void *loaded(void *library, const char *name) {
    static void *function;
    function = dlsym(library, name);
    if (!function) abort();
    return &function;
}

static double now(void) {
    struct timespec moment;
    clock_gettime(CLOCK_MONOTONIC, &moment);
    return (double)moment.tv_sec + (double)moment.tv_nsec / 1e9;
}

int main(int count, char **words) {
    if (count != 6) return 2;
    void *library = dlopen(words[1], RTLD_NOW);
    if (!library) return 1;
    __typeof__(&SKF_ConnectDev) connect = LOAD(ConnectDev);
    __typeof__(&SKF_DisConnectDev) disconnect = LOAD(DisConnectDev);
    __typeof__(&SKF_OpenApplication) open_application = LOAD(OpenApplication);
    __typeof__(&SKF_OpenContainer) open_container = LOAD(OpenContainer);
    __typeof__(&SKF_VerifyPIN) verify = LOAD(VerifyPIN);
    __typeof__(&SKF_ECCSignData) sign = LOAD(ECCSignData);
    for (int turns; scanf("%d", &turns) == 1; fflush(stdout)) {
        for (int i = 0; i < turns; i++) {
            DEVHANDLE device;
            HAPPLICATION application;
            HCONTAINER container;
            ECCSIGNATUREBLOB value;
            BYTE hash[32] = {0};
            ULONG left;
            double began = now();
            TRY(connect(words[2], &device));
            TRY(open_application(device, words[3], &application));
            TRY(verify(application, USER_TYPE, words[5], &left));
            TRY(open_container(application, words[4], &container));
            TRY(sign(container, hash, sizeof hash, &value));
            TRY(disconnect(device)); /* closes what was opened on it */
            printf("%s%.9f", i ? "," : "[", now() - began);
        }
        puts("]");
    }
    return 0;
}
