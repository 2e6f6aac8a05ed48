"""``python -m portal``: bring the database up to date, then serve until a signal ends it.

The environment says the rest: see ``settings`` for data, port and authorities, and ``server`` for
the TLS files. Standard output says ``portal ready on port …`` once requests are answered.
"""

import os

import django
from django.core.management import call_command


def main() -> None:
    """Run the portal."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    call_command("clearsessions")
    from portal.server import serve

    serve()


if __name__ == "__main__":
    main()
