"""Which hosts the project answers for: the city's portal, and each open department.

Every department is a site of its own: another origin to the browser, another entry in the machine
policy, another session.
"""

from portal.departments import departments

CITY = "portal"
"""The label of the city's own host."""

_HTTPS_PORT = 443


def site_labels() -> tuple[str, ...]:
    """Return the first part of every host: the city's, then the open departments'."""
    return (CITY, *(found.label for found in departments() if found.open))


def site_hosts(domain: str, port: int) -> dict[str, str]:
    """Return each site's label by its host as a browser sends it: ``guoshui.localhost:8443``."""
    end = "" if port == _HTTPS_PORT else f":{port}"
    return {f"{label}.{domain}{end}": label for label in site_labels()}


def site_origins(domain: str, port: int) -> dict[str, str]:
    """Return each site's origin by its label: ``https://guoshui.localhost:8443``."""
    return {label: f"https://{host}" for host, label in site_hosts(domain, port).items()}
