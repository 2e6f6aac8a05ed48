"""Departments as data: one folder each, and the three things that read them.

A folder holds ``department.toml``, one TOML file per form, and a ``rules.py`` only where a rule
needs a calendar. A folder without forms is a department that is still being prepared.
"""

from portal.departments.catalogue import Department, Matter, department, departments
from portal.departments.policy import policy_sites, policy_toml

__all__ = [
    "Department",
    "Matter",
    "department",
    "departments",
    "policy_sites",
    "policy_toml",
]
