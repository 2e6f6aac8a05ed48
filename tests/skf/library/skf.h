/*
 * The interface of GM/T 0016-2012 (GB/T 35291-2017) as far as the software library offers it: types,
 * structures, codes and functions, in the standard's own names.
 *
 * Libraries differ in two things that the standard leaves open, so this one is built in each way:
 *   -DULONG_BYTES=8       ULONG is an unsigned long of a 64-bit system, else 32 bits
 *   -DNATURAL_ALIGNMENT   structures as the compiler aligns them, else packed to one octet
 */
#ifndef SKF_H
#define SKF_H

#include <stdint.h>

#define SKF_EXPORT __attribute__((visibility("default")))

#if defined(ULONG_BYTES) && ULONG_BYTES == 8
typedef uint64_t ULONG;
#else
typedef uint32_t ULONG;
#endif
typedef uint8_t BYTE;
typedef int32_t BOOL;
typedef char *LPSTR;
typedef void *HANDLE;
typedef HANDLE DEVHANDLE, HAPPLICATION, HCONTAINER;

enum {
    SAR_OK = 0,
    SAR_FAIL = 0x0A000001,
    SAR_NOTSUPPORTYETERR = 0x0A000003,
    SAR_FILEERR = 0x0A000004,
    SAR_INVALIDHANDLEERR = 0x0A000005,
    SAR_INVALIDPARAMERR = 0x0A000006,
    SAR_KEYUSAGEERR = 0x0A00000A,
    SAR_INDATALENERR = 0x0A000010,
    SAR_INDATAERR = 0x0A000011,
    SAR_KEYNOTFOUNDERR = 0x0A00001B,
    SAR_CERTNOTFOUNDERR = 0x0A00001C,
    SAR_BUFFER_TOO_SMALL = 0x0A000020,
    SAR_NOT_EVENTERR = 0x0A000022,
    SAR_DEVICE_REMOVED = 0x0A000023,
    SAR_PIN_INCORRECT = 0x0A000024,
    SAR_PIN_LOCKED = 0x0A000025,
    SAR_PIN_LEN_RANGE = 0x0A000027,
    SAR_USER_TYPE_INVALID = 0x0A00002A,
    SAR_USER_NOT_LOGGED_IN = 0x0A00002D,
    SAR_APPLICATION_NOT_EXISTS = 0x0A00002E
};

enum { SGD_SM4_ECB = 0x401, SGD_SM4_CBC = 0x402 };
enum { SGD_SM3 = 1, SGD_SHA256 = 4, SGD_RSA = 0x10000, SGD_SM2_1 = 0x20100 };
enum { ADMIN_TYPE = 0, USER_TYPE = 1 };
enum { NO_KEY = 0, RSA_CONTAINER = 1, ECC_CONTAINER = 2 };
enum { DEV_ABSENT = 0, DEV_PRESENT = 1 };
enum { DEVICE_CAME = 1, DEVICE_WENT = 2 };

#ifndef NATURAL_ALIGNMENT
#pragma pack(push, 1)
#endif
typedef struct {
    BYTE Version[2];
    char Manufacturer[64], Issuer[64], Label[32], SerialNumber[32];
    BYTE HWVersion[2], FirmwareVersion[2];
    ULONG AlgSymCap, AlgAsymCap, AlgHashCap, DevAuthAlgId;
    ULONG TotalSpace, FreeSpace, MaxECCBufferSize, MaxBufferSize;
    BYTE Reserved[64];
} DEVINFO;

typedef struct { ULONG BitLen; BYTE XCoordinate[64], YCoordinate[64]; } ECCPUBLICKEYBLOB;
typedef struct { BYTE r[64], s[64]; } ECCSIGNATUREBLOB;
typedef struct { ULONG AlgID, BitLen; BYTE Modulus[256], PublicExponent[4]; } RSAPUBLICKEYBLOB;
typedef struct { BYTE IV[32]; ULONG IVLen, PaddingType, FeedBitLen; } BLOCKCIPHERPARAM;

typedef struct {
    BYTE XCoordinate[64], YCoordinate[64], HASH[32];
    ULONG CipherLen;
    BYTE Cipher[1];
} ECCCIPHERBLOB;

typedef struct {
    ULONG Version, ulSymmAlgID, ulBits;
    BYTE cbEncryptedPriKey[64];
    ECCPUBLICKEYBLOB PubKey;
    ECCCIPHERBLOB ECCCipherBlob;
} ENVELOPEDKEYBLOB;
#ifndef NATURAL_ALIGNMENT
#pragma pack(pop)
#endif

#define SKF SKF_EXPORT ULONG

/* 7.1 devices */
SKF SKF_WaitForDevEvent(LPSTR name, ULONG *name_length, ULONG *event);
SKF SKF_CancelWaitForDevEvent(void);
SKF SKF_EnumDev(BOOL present, LPSTR names, ULONG *size);
SKF SKF_ConnectDev(LPSTR name, DEVHANDLE *device);
SKF SKF_DisConnectDev(DEVHANDLE device);
SKF SKF_GetDevState(LPSTR name, ULONG *state);
SKF SKF_GetDevInfo(DEVHANDLE device, DEVINFO *info);
SKF SKF_LockDev(DEVHANDLE device, ULONG timeout);
SKF SKF_UnlockDev(DEVHANDLE device);

/* 7.2 access */
SKF SKF_DevAuth(DEVHANDLE device, BYTE *data, ULONG length);
SKF SKF_ChangePIN(HAPPLICATION application, ULONG type, LPSTR old, LPSTR new, ULONG *left);
SKF SKF_GetPINInfo(HAPPLICATION application, ULONG type, ULONG *max, ULONG *left, BOOL *initial);
SKF SKF_VerifyPIN(HAPPLICATION application, ULONG type, LPSTR pin, ULONG *left);
SKF SKF_UnblockPIN(HAPPLICATION application, LPSTR admin, LPSTR user, ULONG *left);
SKF SKF_ClearSecureState(HAPPLICATION application);

/* 7.3 applications */
SKF SKF_EnumApplication(DEVHANDLE device, LPSTR names, ULONG *size);
SKF SKF_OpenApplication(DEVHANDLE device, LPSTR name, HAPPLICATION *application);
SKF SKF_CloseApplication(HAPPLICATION application);

/* 7.5 containers */
SKF SKF_CreateContainer(HAPPLICATION application, LPSTR name, HCONTAINER *container);
SKF SKF_OpenContainer(HAPPLICATION application, LPSTR name, HCONTAINER *container);
SKF SKF_CloseContainer(HCONTAINER container);
SKF SKF_EnumContainer(HAPPLICATION application, LPSTR names, ULONG *size);
SKF SKF_GetContainerType(HCONTAINER container, ULONG *type);
SKF SKF_ImportCertificate(HCONTAINER container, BOOL sign, BYTE *certificate, ULONG length);
SKF SKF_ExportCertificate(HCONTAINER container, BOOL sign, BYTE *certificate, ULONG *length);

/* 7.6 keys */
SKF SKF_GenRandom(DEVHANDLE device, BYTE *random, ULONG length);
SKF SKF_GenRSAKeyPair(HCONTAINER container, ULONG bits, RSAPUBLICKEYBLOB *key);
SKF SKF_RSASignData(HCONTAINER container, BYTE *data, ULONG length, BYTE *value, ULONG *size);
SKF SKF_GenECCKeyPair(HCONTAINER container, ULONG algorithm, ECCPUBLICKEYBLOB *key);
SKF SKF_ImportECCKeyPair(HCONTAINER container, ENVELOPEDKEYBLOB *envelope);
SKF SKF_ECCSignData(HCONTAINER container, BYTE *data, ULONG length, ECCSIGNATUREBLOB *value);
SKF SKF_ExportPublicKey(HCONTAINER container, BOOL sign, BYTE *blob, ULONG *size);
SKF SKF_ImportSessionKey(HCONTAINER container, ULONG algorithm, BYTE *wrapped, ULONG length, HANDLE *key);
SKF SKF_EncryptInit(HANDLE key, BLOCKCIPHERPARAM parameter);
SKF SKF_Encrypt(HANDLE key, BYTE *data, ULONG length, BYTE *out, ULONG *size);
SKF SKF_EncryptUpdate(HANDLE key, BYTE *data, ULONG length, BYTE *out, ULONG *size);
SKF SKF_EncryptFinal(HANDLE key, BYTE *out, ULONG *size);
SKF SKF_DecryptInit(HANDLE key, BLOCKCIPHERPARAM parameter);
SKF SKF_Decrypt(HANDLE key, BYTE *data, ULONG length, BYTE *out, ULONG *size);
SKF SKF_DecryptUpdate(HANDLE key, BYTE *data, ULONG length, BYTE *out, ULONG *size);
SKF SKF_DecryptFinal(HANDLE key, BYTE *out, ULONG *size);
SKF SKF_DigestInit(DEVHANDLE device, ULONG algorithm, ECCPUBLICKEYBLOB *key, BYTE *id, ULONG id_length, HANDLE *hash);
SKF SKF_Digest(HANDLE hash, BYTE *data, ULONG length, BYTE *out, ULONG *size);
SKF SKF_DigestUpdate(HANDLE hash, BYTE *data, ULONG length);
SKF SKF_DigestFinal(HANDLE hash, BYTE *out, ULONG *size);
SKF SKF_CloseHandle(HANDLE handle);

/* Beyond the standard, as makers add it: opens a bare SM2 ciphertext with the encryption key. */
SKF SKF_ECCPrvKeyDecrypt(HCONTAINER container, ECCCIPHERBLOB *cipher, BYTE *out, ULONG *size);

#endif
