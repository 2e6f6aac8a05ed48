"""Are the drivers that policy names really there, and safe from other people's hands?"""

import stat
from collections.abc import Sequence

from signet_agent.doctor.base import Finding, Words, notice, ok, problem
from signet_agent.doctor.surroundings import KeyPlace, Surroundings

_MISSING = Words(
    "名单里的驱动 {names} 不在电脑上，读不到它的 USB Key。",
    "The policy names drivers that are not installed: {names}.",
)
_INSTALL = Words(
    "请管理员安装驱动，或在策略文件里改正路径。",
    "IT installs the driver, or corrects its path in the policy.",
)
_LOOSE = Words("驱动 {names} 谁都可以改写。", "Anybody can change these drivers: {names}.")
_TIGHTEN = Words("请管理员运行 chmod o-w。", "IT runs chmod o-w on them.")
_NONE = Words("还没有登记驱动，读不到 USB Key。", "No driver is registered yet.")
_REGISTER = Words("请管理员在策略文件里登记驱动。", "IT names the driver in the policy.")
_SOFTWARE = Words(
    "登记了软件密钥 {names}，只能演示，没有法律效力。",
    "Software keys are registered ({names}), for demonstrations only.",
)
_DEMONSTRATION = Words("演示时不用处理。", "Nothing to do in a demonstration.")
_CARDS = Words("登记了卡 {names}，不用驱动。", "These cards need no driver: {names}.")
_ALL_THERE = Words("{names} 都在。", "All are installed: {names}.")


class ModulesCheck:
    """PKCS#11 and SKF libraries, and software tokens where a demonstration has them."""

    id = "modules"
    title = Words("驱动模块", "Drivers")

    def run(self, surroundings: Surroundings) -> Finding:
        """Look at each path; nothing is loaded."""
        keys, cards = surroundings.policy.keys, surroundings.policy.cards
        if not keys and cards:
            return ok(self, _CARDS.filled(names=", ".join(cards)))
        if not keys:
            return notice(self, _NONE, _REGISTER)
        missing = [each for each in keys if not _is_there(each)]
        if missing:
            return problem(self, _MISSING.filled(names=_names(missing)), _INSTALL, _paths(missing))
        loose = [each for each in keys if each.path.stat().st_mode & stat.S_IWOTH]
        if loose:
            return problem(self, _LOOSE.filled(names=_names(loose)), _TIGHTEN, _paths(loose))
        software = [each for each in keys if each.kind == "software"]
        if software:
            sentence = _SOFTWARE.filled(names=_names(software))
            return notice(self, sentence, _DEMONSTRATION, _paths(software))
        return ok(self, _ALL_THERE.filled(names=_names(keys)), _paths(keys))


def _is_there(key: KeyPlace) -> bool:
    return key.path.is_dir() if key.kind == "software" else key.path.is_file()


def _names(keys: Sequence[KeyPlace]) -> str:
    return ", ".join(each.name for each in keys)


def _paths(keys: Sequence[KeyPlace]) -> str:
    return "; ".join(f"{each.name} = {each.path}" for each in keys)
