/** Types of the page's client; see docs/page-developer.md for its use. */

/** The version of the contract that this client speaks. */
export const VERSION: 1;

/** Who can cure an error. */
export type Fault = "page" | "user" | "token" | "policy" | "agent";

/** The codes this client knows; a newer agent may send others. */
export type ErrorCode =
  | "page.malformed"
  | "page.invalid_request"
  | "page.unknown_method"
  | "page.invalid_params"
  | "page.too_large"
  | "page.hello_required"
  | "page.version_unsupported"
  | "page.id_in_use"
  | "page.too_many_calls"
  | "page.asked_too_often"
  | "page.pin_forbidden"
  | "page.nonce_weak"
  | "page.format_unsupported"
  | "page.document_unsuitable"
  | "page.envelope_unsuitable"
  | "page.upload_unknown"
  | "page.upload_incomplete"
  | "page.certificate_unknown"
  | "page.cancelled"
  | "user.refused"
  | "user.timeout"
  | "user.pin_incorrect"
  | "token.absent"
  | "token.removed"
  | "token.pin_locked"
  | "token.busy"
  | "token.timeout"
  | "token.fault"
  | "token.certificate_expired"
  | "token.certificate_unsuitable"
  | "policy.operation_denied"
  | "policy.format_denied"
  | "policy.key_denied"
  | "agent.busy"
  | "agent.paused"
  | "agent.audit_unavailable"
  | "agent.storage_full"
  | "agent.window_unavailable"
  | "agent.fault"
  | "client.unreachable"
  | "client.permission_denied"
  | "client.permission_pending"
  | "client.blocked_by_page"
  | "client.connection_lost"
  | "client.file_changed"
  | "client.framed"
  | "client.click_required"
  | "client.insecure_page"
  | "client.malformed_reply";

/** Sentences for the person, ready to be shown. */
export interface Tell {
  readonly "zh-Hans": string;
  readonly en: string;
}

/** What is known of an error before it happens. */
export interface ErrorEntry {
  readonly fault: Fault;
  readonly retry: boolean;
  readonly tell: Tell;
}

/** Every error of the contract. */
export const ERRORS: Readonly<Record<ErrorCode, ErrorEntry>>;

/** Where the agent's log stood when it answered; keep it with what you received. */
export interface AuditMark {
  /** Number of the last record. */
  readonly seq: number;
  /** The chained digest of that record, hex. */
  readonly head: string;
}

/** Why a call gave no result. */
export class SignetError extends Error {
  constructor(
    code: ErrorCode | (string & {}),
    more?: { message?: string; retry?: boolean; audit?: AuditMark; cause?: unknown },
  );
  /** Stable, for programs. */
  readonly code: ErrorCode | (string & {});
  /** Who can cure it. */
  readonly fault: Fault;
  /** Whether the same call may succeed later without a change to the page. */
  readonly retry: boolean;
  /** For the person. */
  readonly tell: Tell;
  /** Present when the agent itself said so. */
  readonly audit?: AuditMark;
}

/** How far a call has come; newer agents may name further states. */
export type ProgressState = "preparing" | "waiting_for_person" | "signing" | (string & {});

export interface ConnectOptions {
  /** Told when the browser is asking the person (`prompt`) and what was answered. */
  onPermission?: (state: "prompt" | "granted" | "denied") => void;
  /** How long to wait for that answer when nothing else waits for it; 30 s if left out. */
  permissionWaitMs?: number;
  /** Other ports, if your IT moved them. */
  ports?: { ws?: readonly number[]; wss?: readonly number[] };
  /** Which ways to try, in order; `["ws", "wss"]` if left out. */
  schemes?: readonly ("ws" | "wss")[];
  /** Let a framed page connect. The person then sees the frame's site, not the outer one. */
  allowFramed?: boolean;
  /** Aborting gives up. */
  signal?: AbortSignal;
  /** A stand-in for tests. */
  WebSocket?: new (url: string) => WebSocket;
}

export interface CallOptions {
  /** Told each time the call has come further. */
  onProgress?: (state: ProgressState) => void;
  /** Aborting asks the agent to cancel; a call it had already signed still gives its result. */
  signal?: AbortSignal;
}

export interface ChooseOptions extends CallOptions {
  /** What the certificate shall be good for; `sign` if left out. */
  purpose?: "login" | "sign";
}

export interface SignOptions extends CallOptions {
  /** How the document is shown; one of `capabilities.mediaTypes`. */
  mediaType: "application/json" | "text/plain" | (string & {});
  /** `cades-b` if left out; one of `capabilities.formats`. */
  format?: "cades-b" | (string & {});
  /** Whether the signature contains the document; `detached` if left out. */
  packaging?: "detached" | "attached";
  /** The fingerprint of the certificate to use, from `chooseCertificate`; the person chooses if left out. */
  certificate?: string;
}

/** One of the documents of a batch. */
export interface BatchDocument {
  document: Uint8Array | ArrayBuffer | string;
  mediaType: "application/json" | "text/plain" | (string & {});
  /** How the window's list calls it; up to 120 characters. */
  name: string;
}

export type BatchOptions = Omit<SignOptions, "mediaType">;

export interface FileOptions extends CallOptions {
  /** How the window calls the file; the File's own name if left out. */
  name?: string;
  /** `application/octet-stream` if left out. */
  mediaType?: string;
  format?: "cades-b" | (string & {});
  /** The fingerprint of the certificate to use; the person chooses if left out. */
  certificate?: string;
  /** Told how many octets the agent has on its disk. */
  onUpload?: (octets: number, size: number) => void;
  /** Told the comparison code, just before the window opens. */
  onCode?: (code: string) => void;
}

export interface DecryptOptions extends CallOptions {
  /** The fingerprint of the recipient's certificate; one that is present if left out. */
  certificate?: string;
}

/** What this agent takes and can do for this site. */
export interface Capabilities {
  readonly version: 1;
  /** The agent's own version. */
  readonly agent: string;
  readonly methods: readonly string[];
  readonly formats: readonly string[];
  readonly mediaTypes: readonly string[];
  /** Octets of a message, octets of a document, calls at a time. */
  readonly limits: { readonly message: number; readonly document: number; readonly calls: number };
  readonly audit: AuditMark;
}

/** A login token in the Web eID form, for your server to validate. */
export interface WebEidToken {
  readonly unverifiedCertificate: string;
  readonly algorithm: string;
  readonly signature: string;
  readonly appVersion: string;
  readonly format: string;
}

export interface LoginResult {
  readonly token: WebEidToken;
  readonly audit: AuditMark;
}

export interface ChooseResult {
  /** DER in base64. */
  readonly certificate: string;
  /** SHA-256 of the DER, hex. */
  readonly fingerprint: string;
  readonly audit: AuditMark;
}

export interface SignResult {
  /** CMS SignedData in DER, base64. */
  readonly signature: string;
  /** The signer's certificate, DER in base64. */
  readonly certificate: string;
  /** SHA-256 of the octets that were sent, hex; this client has compared it. */
  readonly digest: string;
  readonly format: string;
  readonly audit: AuditMark;
}

export interface BatchResult {
  /** In the order of the documents; the digests were compared. */
  readonly items: readonly { readonly signature: string; readonly digest: string }[];
  readonly certificate: string;
  readonly format: string;
  readonly audit: AuditMark;
}

export interface DecryptResult {
  readonly content: Uint8Array;
  /** The recipient's certificate, DER in base64. */
  readonly certificate: string;
  readonly audit: AuditMark;
}

/** Opens Signet's own diagnosis on the person's computer, for a link beside `tell`. */
export const DOCTOR_LINK: "signet:doctor";

/** The agent, found: a conversation, and a new one for the next call where it was lost. */
export class Signet {
  private constructor(conversation: unknown, options: unknown);
  static connect(options?: ConnectOptions): Promise<Signet>;
  readonly capabilities: Capabilities;
  readonly connected: boolean;
  login(nonce: string, options?: CallOptions): Promise<LoginResult>;
  chooseCertificate(options?: ChooseOptions): Promise<ChooseResult>;
  sign(document: Uint8Array | ArrayBuffer | string, options: SignOptions): Promise<SignResult>;
  signBatch(documents: readonly BatchDocument[], options?: BatchOptions): Promise<BatchResult>;
  signFile(file: File | Blob, options?: FileOptions): Promise<SignResult>;
  decrypt(
    envelope: Uint8Array | ArrayBuffer,
    options?: DecryptOptions,
  ): Promise<DecryptResult>;
  close(): void;
}

/** The sixteen digits that page and window both show, such as "4718 0926 5530 8841". */
export function comparisonCode(document: Uint8Array | ArrayBuffer | string): Promise<string>;
