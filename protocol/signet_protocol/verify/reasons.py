"""Why something was not accepted: one value for the program, two sentences for people.

The developer reads English that names the rule; the person reads Chinese that names the cause,
the state and the cure, in this order, and no more.
"""

from enum import StrEnum


class Reason(StrEnum):
    """A dotted reason: its first part names what was judged."""

    LOGIN_MALFORMED = "login.malformed"
    LOGIN_FORMAT_UNSUPPORTED = "login.format_unsupported"
    LOGIN_SIGNATURE_WRONG = "login.signature_wrong"
    NONCE_UNKNOWN = "login.nonce_unknown"
    NONCE_WEAK = "login.nonce_weak"

    ALGORITHM_UNSUPPORTED = "signature.algorithm_unsupported"
    ALGORITHM_UNSUITABLE = "signature.algorithm_unsuitable"
    SM2_UNAVAILABLE = "signature.sm2_unavailable"
    SIGNATURE_TOO_LARGE = "signature.too_large"
    SIGNATURE_MALFORMED = "signature.malformed"
    SIGNERS_WRONG = "signature.signers_wrong"
    ATTRIBUTES_MISSING = "signature.attributes_missing"
    ATTRIBUTES_WRONG = "signature.attributes_wrong"
    SIGNATURE_WRONG = "signature.wrong"
    DIGEST_WRONG = "signature.digest_wrong"

    CONTENT_MISSING = "content.missing"
    CONTENT_DIFFERENT = "content.different"

    CERTIFICATE_MISSING = "certificate.missing"
    CERTIFICATE_MALFORMED = "certificate.malformed"
    CERTIFICATE_REFERENCE_WRONG = "certificate.reference_wrong"
    CERTIFICATE_KEY_UNSUITABLE = "certificate.key_unsuitable"
    CERTIFICATE_NOT_YET_VALID = "certificate.not_yet_valid"
    CERTIFICATE_EXPIRED = "certificate.expired"
    CERTIFICATE_OF_AUTHORITY = "certificate.of_authority"
    CERTIFICATE_USAGE_UNSUITABLE = "certificate.usage_unsuitable"
    CERTIFICATE_UNTRUSTED = "certificate.untrusted"
    CERTIFICATE_EXTENSION_UNKNOWN = "certificate.extension_unknown"
    CERTIFICATE_POLICY_UNSUITABLE = "certificate.policy_unsuitable"
    CERTIFICATE_REVOKED = "certificate.revoked"
    CERTIFICATE_REVOKED_LATER = "certificate.revoked_later"

    AUTHORITY_NOT_VALID = "authority.not_valid"
    AUTHORITY_UNSUITABLE = "authority.unsuitable"
    AUTHORITY_REVOKED = "authority.revoked"

    REVOCATION_UNKNOWN = "revocation.unknown"
    REVOCATION_NOT_ASKED = "revocation.not_asked"
    REVOCATION_UNAVAILABLE = "revocation.unavailable"
    REVOCATION_MALFORMED = "revocation.malformed"
    REVOCATION_STALE = "revocation.stale"
    REVOCATION_UNTRUSTED = "revocation.untrusted"
    REVOCATION_ELSEWHERE = "revocation.elsewhere"
    REVOCATION_REPLAYED = "revocation.replayed"

    TIMESTAMP_MISSING = "timestamp.missing"
    TIMESTAMP_MALFORMED = "timestamp.malformed"
    TIMESTAMP_DIFFERENT = "timestamp.different"
    TIMESTAMP_UNACCEPTED = "timestamp.unaccepted"

    @property
    def meaning(self) -> str:
        """Return one English sentence for the department's developer."""
        return _MEANING[self]

    @property
    def sentence(self) -> str:
        """Return the Chinese sentences for the person: cause, state, cure."""
        return _SENTENCE[self]


class VerificationError(Exception):
    """A login or a signature that is not accepted; the sender's fault, never the server's.

    Attributes:
        reason: which rule was not met.
        detail: one English sentence for the log, without any of the sender's own text.
    """

    def __init__(self, reason: Reason, detail: str = "") -> None:
        """Keep the reason and the detail; the sentence is built on demand."""
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail or self.reason.meaning}"


_MEANING = {
    Reason.LOGIN_MALFORMED: "A member of the login token is missing, too long or not base64.",
    Reason.LOGIN_FORMAT_UNSUPPORTED: "The login token is of no form that is accepted.",
    Reason.LOGIN_SIGNATURE_WRONG: "The login signature is not over this origin and this nonce.",
    Reason.NONCE_UNKNOWN: "The nonce was not issued to this session, was used or is too old.",
    Reason.ALGORITHM_UNSUPPORTED: "The digest or signature algorithm is not one that is accepted.",
    Reason.ALGORITHM_UNSUITABLE: "The algorithms named do not fit each other or the key.",
    Reason.SM2_UNAVAILABLE: "This server's libcrypto has no SM2, so nothing of it can be checked.",
    Reason.SIGNATURE_TOO_LARGE: "The signature is larger than any that is accepted.",
    Reason.SIGNATURE_MALFORMED: "The signature is not one CMS SignedData in strict DER.",
    Reason.SIGNERS_WRONG: "The signature does not have exactly one signer.",
    Reason.ATTRIBUTES_MISSING: "There are no signed attributes; a login could pass for this.",
    Reason.ATTRIBUTES_WRONG: "The signed attributes are not those of a signature over plain data.",
    Reason.SIGNATURE_WRONG: "The signature does not verify with the signer's certificate.",
    Reason.DIGEST_WRONG: "The embedded content is not the one that the signature covers.",
    Reason.CONTENT_MISSING: "The signature is detached and no content was given to compare.",
    Reason.CONTENT_DIFFERENT: "What was signed is not what this server holds.",
    Reason.CERTIFICATE_MISSING: "The signer's certificate is not in the signature.",
    Reason.CERTIFICATE_MALFORMED: "The certificate cannot be read.",
    Reason.CERTIFICATE_REFERENCE_WRONG: "The signature refers to another certificate.",
    Reason.CERTIFICATE_KEY_UNSUITABLE: "The certificate's key is of another kind or too weak.",
    Reason.CERTIFICATE_NOT_YET_VALID: "The certificate is not valid yet.",
    Reason.CERTIFICATE_EXPIRED: "The certificate is no longer valid.",
    Reason.CERTIFICATE_OF_AUTHORITY: "The certificate is a certification authority's own.",
    Reason.CERTIFICATE_USAGE_UNSUITABLE: "The certificate is not meant for this use.",
    Reason.CERTIFICATE_UNTRUSTED: "No chain leads from the certificate to a trusted root.",
    Reason.NONCE_WEAK: "The nonce is not 32 random octets or more in base64.",
    Reason.CERTIFICATE_EXTENSION_UNKNOWN: (
        "The certificate has a critical extension that is not understood."
    ),
    Reason.CERTIFICATE_POLICY_UNSUITABLE: (
        "The certificate was not issued under an accepted policy."
    ),
    Reason.CERTIFICATE_REVOKED: "The certificate was revoked.",
    Reason.CERTIFICATE_REVOKED_LATER: "The certificate was revoked after the signature was made.",
    Reason.AUTHORITY_NOT_VALID: "An authority's certificate is not valid at this time.",
    Reason.AUTHORITY_UNSUITABLE: "An authority's certificate does not allow it to issue this one.",
    Reason.AUTHORITY_REVOKED: "An authority's certificate was revoked.",
    Reason.REVOCATION_UNKNOWN: (
        "Nothing that can be believed tells whether the certificate was revoked."
    ),
    Reason.REVOCATION_NOT_ASKED: "The policy does not ask whether the certificate was revoked.",
    Reason.REVOCATION_UNAVAILABLE: "A responder or a revocation list could not be reached.",
    Reason.REVOCATION_MALFORMED: "A revocation list or an OCSP response cannot be read.",
    Reason.REVOCATION_STALE: "A revocation list or an OCSP response is too old, or not valid yet.",
    Reason.REVOCATION_UNTRUSTED: (
        "A revocation list or an OCSP response is not signed by who may sign it."
    ),
    Reason.REVOCATION_ELSEWHERE: (
        "A revocation list or an OCSP response tells of other certificates."
    ),
    Reason.REVOCATION_REPLAYED: "An OCSP response does not repeat the nonce of its request.",
    Reason.TIMESTAMP_MISSING: (
        "The signature has no time stamp that holds, and the policy requires one."
    ),
    Reason.TIMESTAMP_MALFORMED: "The time stamp cannot be read.",
    Reason.TIMESTAMP_DIFFERENT: "The time stamp is over other octets.",
    Reason.TIMESTAMP_UNACCEPTED: (
        "The time stamp is from an authority, a policy or a time that is not accepted."
    ),
}

_SENTENCE = {
    Reason.LOGIN_MALFORMED: "收到的登录信息不完整，您还没有登录。请刷新页面，再登录一次。",
    Reason.LOGIN_FORMAT_UNSUPPORTED: (
        "签章助手的版本与本网站不一致，您还没有登录。请更新签章助手，再登录一次。"
    ),
    Reason.LOGIN_SIGNATURE_WRONG: (
        "收到的登录信息不是为本网站这次登录作出的，您还没有登录。请回到登录页面，再登录一次。"
    ),
    Reason.NONCE_UNKNOWN: "这次登录已超时或已经用过，您还没有登录。请回到登录页面，再登录一次。",
    Reason.ALGORITHM_UNSUPPORTED: (
        "本网站不接受所用的签名算法，本次操作没有完成。请更新签章助手，再试一次。"
    ),
    Reason.SM2_UNAVAILABLE: (
        "本网站暂时不能核对国密算法的证书，本次操作没有完成。请改用其他证书，或稍后再试。"
    ),
    Reason.ALGORITHM_UNSUITABLE: (
        "所用的签名算法与证书不相符，本次操作没有完成。请更新签章助手，再试一次。"
    ),
    Reason.SIGNATURE_TOO_LARGE: (
        "收到的签名超出了允许的大小，文件没有被接收。请缩小文件，再签名一次。"
    ),
    Reason.SIGNATURE_MALFORMED: "收到的签名不完整，文件没有被接收。请再签名一次。",
    Reason.SIGNERS_WRONG: "签名应当只有一位签名人，文件没有被接收。请由一位签名人重新签名。",
    Reason.ATTRIBUTES_MISSING: "收到的签名缺少必要内容，文件没有被接收。请用签章助手再签名一次。",
    Reason.ATTRIBUTES_WRONG: "收到的签名缺少必要内容，文件没有被接收。请用签章助手再签名一次。",
    Reason.SIGNATURE_WRONG: "签名与证书不相符，文件没有被接收。请再签名一次。",
    Reason.DIGEST_WRONG: "签名与所附的文件不相符，文件没有被接收。请再签名一次。",
    Reason.CONTENT_MISSING: "没有收到要核对的文件，签名没有被接收。请把文件和签名一起提交。",
    Reason.CONTENT_DIFFERENT: (
        "签名的内容与提交的内容不一致，文件没有被接收。请核对内容，再签名一次。"
    ),
    Reason.CERTIFICATE_MISSING: "签名里没有您的证书，文件没有被接收。请用签章助手再签名一次。",
    Reason.CERTIFICATE_MALFORMED: (
        "证书的内容无法读取，本次操作没有完成。请换一张证书，或到证书服务点检查。"
    ),
    Reason.CERTIFICATE_REFERENCE_WRONG: (
        "签名所指的是另一张证书，文件没有被接收。请用签章助手再签名一次。"
    ),
    Reason.CERTIFICATE_KEY_UNSUITABLE: (
        "证书的密钥达不到本网站的要求，本次操作没有完成。请到证书服务点更换证书。"
    ),
    Reason.CERTIFICATE_NOT_YET_VALID: (
        "证书还没有到启用日期，本次操作没有完成。请在启用日期之后再试。"
    ),
    Reason.CERTIFICATE_EXPIRED: "证书已经过期，本次操作没有完成。请到证书服务点更新证书。",
    Reason.CERTIFICATE_OF_AUTHORITY: (
        "所用的是发证机构自己的证书，本次操作没有完成。请换用您的证书。"
    ),
    Reason.CERTIFICATE_USAGE_UNSUITABLE: (
        "这张证书不能用于本次操作，本次操作没有完成。请换用您的签名证书。"
    ),
    Reason.CERTIFICATE_UNTRUSTED: (
        "本网站不接受这家机构颁发的证书，本次操作没有完成。请换用本网站接受的证书。"
    ),
    Reason.NONCE_WEAK: "这次登录没有准备好，您还没有登录。请回到登录页面，再登录一次。",
    Reason.CERTIFICATE_EXTENSION_UNKNOWN: (
        "证书中有本网站不认识的内容，本次操作没有完成。请到证书服务点检查证书。"
    ),
    Reason.CERTIFICATE_POLICY_UNSUITABLE: (
        "本网站不接受这一类证书，本次操作没有完成。请换用本网站接受的证书。"
    ),
    Reason.CERTIFICATE_REVOKED: "证书已经被吊销，本次操作没有完成。请到证书服务点办理新证书。",
    Reason.CERTIFICATE_REVOKED_LATER: (
        "证书在签名之后被吊销，本次操作没有完成。请到证书服务点办理新证书。"
    ),
    Reason.AUTHORITY_NOT_VALID: (
        "发证机构的证书不在有效期内，本次操作没有完成。请向证书服务点咨询。"
    ),
    Reason.AUTHORITY_UNSUITABLE: "发证机构无权颁发这张证书，本次操作没有完成。请向证书服务点咨询。",
    Reason.AUTHORITY_REVOKED: "发证机构的证书已经被吊销，本次操作没有完成。请向证书服务点咨询。",
    Reason.REVOCATION_UNKNOWN: "暂时查不到证书是否有效，本次操作没有完成。请稍后再试一次。",
    Reason.REVOCATION_NOT_ASKED: "本网站没有查询证书是否有效，本次操作没有完成。请稍后再试。",
    Reason.REVOCATION_UNAVAILABLE: "查询证书状态的服务没有回应，本次操作没有完成。请稍后再试一次。",
    Reason.REVOCATION_MALFORMED: "证书状态的答复无法读取，本次操作没有完成。请稍后再试一次。",
    Reason.REVOCATION_STALE: "证书状态的答复已经过时，本次操作没有完成。请稍后再试一次。",
    Reason.REVOCATION_UNTRUSTED: "证书状态的答复不可信，本次操作没有完成。请稍后再试一次。",
    Reason.REVOCATION_ELSEWHERE: "证书状态的答复说的是别的证书，本次操作没有完成。请稍后再试一次。",
    Reason.REVOCATION_REPLAYED: "证书状态的答复不是这次查询的，本次操作没有完成。请稍后再试一次。",
    Reason.TIMESTAMP_MISSING: "签名没有可信的时间，文件没有被接收。请用签章助手再签名一次。",
    Reason.TIMESTAMP_MALFORMED: "签名的时间戳无法读取，文件没有被接收。请再签名一次。",
    Reason.TIMESTAMP_DIFFERENT: "时间戳与签名不相符，文件没有被接收。请再签名一次。",
    Reason.TIMESTAMP_UNACCEPTED: "本网站不接受这个时间戳，文件没有被接收。请再签名一次。",
}
