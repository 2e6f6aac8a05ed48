"""``signet trust install|remove|show``: opt in to wss and https on localhost, and out again."""

import argparse

from signet_agent.commands.base import answer
from signet_agent.settings import Settings
from signet_agent.trust.certificate_folder import CertificateFolder
from signet_agent.trust.installation import install, remove, show
from signet_agent.trust.report import TrustReport
from signet_agent.trust.report_text import trust_report_text
from signet_agent.trust.stores import find_stores
from signet_agent.trust.stores.folders import folders_of


def run(parsed: argparse.Namespace, settings: Settings) -> int:
    """Change or show what the browsers of this user trust for localhost."""
    action = {"install": install, "remove": remove, "show": show}[parsed.action]
    report: TrustReport = action(CertificateFolder(settings.tls_dir), find_stores(folders_of()))
    root_file = str(settings.tls_dir / "root.pem")
    text = trust_report_text(report, settings.language, root_file)
    answer(report, text.splitlines(), as_json=parsed.json)
    well = {"install": report.installed, "remove": report.clean, "show": True}[parsed.action]
    return 0 if well else 1
