"""Is there a policy, can it be read, and can only administrators change it?"""

import stat
from pathlib import Path

from signet_agent.doctor.base import Finding, Words, notice, ok, problem
from signet_agent.doctor.surroundings import Surroundings

_ADMINISTRATOR = 0

_NO_FILE = Words(
    "这台电脑还没有网站名单，所有网站都会被挡住。",
    "This computer has no policy yet; every site is refused.",
)
_PLACE_FILE = Words("请管理员把策略文件放到 {path}。", "IT places the policy at {path}.")

_BROKEN = Words(
    "网站名单有一处写得不对，所有网站都会被挡住。",
    "One place in the policy is wrong; every site is refused.",
)
_CORRECT = Words(
    "请管理员运行 signet policy check {path}，照提示改好。",
    "IT runs signet policy check {path} and corrects what it names.",
)

_LOOSE = Words("网站名单不只管理员能改。", "Others than administrators can change the policy.")
_TIGHTEN = Words(
    "请管理员运行 chown root:root {place} 和 chmod go-w {place}。",
    "IT runs chown root:root {place} and chmod go-w {place}.",
)

_EMPTY = Words("网站名单是空的，所有网站都会被挡住。", "The policy names no site.")
_REGISTER = Words("请管理员登记网站。", "IT adds the sites that may ask.")

_NAMED = Words(
    "用的是启动时指定的名单，有 {sites} 个网站。",
    "The policy was named at the start; registered sites: {sites}.",
)
_DEMONSTRATION = Words("演示时不用处理。", "Nothing to do in a demonstration.")

_GOOD = Words("已登记 {sites} 个网站。", "Registered sites: {sites}.")


class PolicyCheck:
    """The machine policy: without a good one every site is refused."""

    id = "policy"
    title = Words("网站名单", "Policy")

    def run(self, surroundings: Surroundings) -> Finding:
        """Look at the file, what the reader said of it, and who may write it."""
        policy = surroundings.policy
        path = str(policy.path)
        if not policy.path.exists():
            return problem(self, _NO_FILE, _PLACE_FILE.filled(path=path))
        if policy.fault:
            return problem(self, _BROKEN, _CORRECT.filled(path=path), policy.fault)
        if policy.machine and (place := _writable_by_others(policy.path)):
            return problem(self, _LOOSE, _TIGHTEN.filled(place=place), str(place))
        if policy.sites == 0:
            return notice(self, _EMPTY, _REGISTER, path)
        if not policy.machine:
            return notice(self, _NAMED.filled(sites=policy.sites), _DEMONSTRATION, path)
        return ok(self, _GOOD.filled(sites=policy.sites), path)


def _writable_by_others(path: Path) -> Path | None:
    """Return the file or the folder above it that somebody but root may write."""
    for place in (path, path.parent):
        found = place.stat()
        if found.st_uid != _ADMINISTRATOR or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            return place
    return None
