"""Is NSS's certutil here? Only the trust commands need it."""

import shutil

from signet_agent.doctor.base import Finding, Words, notice, ok
from signet_agent.doctor.surroundings import Surroundings

_HERE = Words("certutil 可以使用。", "certutil is here.")
_NOT_NEEDED = Words(
    "没有 certutil；不安装本机证书就用不到它。",
    "certutil is not here; it is needed only for signet trust.",
)
_STUCK = Words(
    "没有 certutil，本机证书不能更新，也不能清除。",
    "certutil is missing: the certificate can be neither renewed nor removed.",
)
_INSTALL = Words("请管理员安装软件包 libnss3-tools。", "IT installs the package libnss3-tools.")


class CertutilCheck:
    """The tool by which the certificate for this computer comes and goes."""

    id = "certutil"
    title = Words("证书工具", "Certificate tool")

    def run(self, surroundings: Surroundings) -> Finding:
        """Look for certutil on the path."""
        found = shutil.which("certutil", path=surroundings.environment.get("PATH"))
        if found:
            return ok(self, _HERE, found)
        if surroundings.trust.certificate == "absent":
            return ok(self, _NOT_NEEDED)
        return notice(self, _STUCK, _INSTALL)
