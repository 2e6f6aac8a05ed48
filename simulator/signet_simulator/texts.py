"""Every sentence the simulator says, in Chinese and in English."""

from typing import Literal

Language = Literal["zh-Hans", "en"]

_TEXTS: dict[str, tuple[str, str]] = {
    "title": (
        "签章助手模拟器 {version}，只供网站开发和测试",
        "Signet simulator {version}, for developing and testing sites only",
    ),
    "worthless": (
        "这里没有真的密钥，也不会问任何人；它签的一切都没有效力。",
        "There are no real keys here and nobody is asked; nothing it signs has any value.",
    ),
    "listening": ("监听 {address}", "Listening on {address}"),
    "sites": ("允许的网站：{origins}", "Sites allowed: {origins}"),
    "files": (
        "证书和吊销文件已写入 {folder}，测试后端请信任 demo-ca.pem",
        "Certificates and revocation files are in {folder}; let the back end trust demo-ca.pem",
    ),
    "no_sm2": (
        "这台电脑的 OpenSSL 没有 SM2，因此没有国密演示证书。",
        "The OpenSSL of this machine has no SM2, so there is no SM2 demonstration certificate.",
    ),
    "default": ("没有指令时：{answer}", "Without an order: {answer}"),
    "orders": (
        "可以输入指令：refuse、removed delay=2、default allow、quit；全部指令见文档。",
        "Orders may be typed: refuse, removed delay=2, default allow, quit; all are in the docs.",
    ),
    "ordered": ("记下了：{order}", "Noted: {order}"),
    "turned_away": ("拒之门外 {status}  {origin}", "Turned away {status}  {origin}"),
    "hello": ("{origin}  已连接  {client}", "{origin}  connected  {client}"),
    "refused": ("{origin}  消息不合约定  {outcome}", "{origin}  message refused  {outcome}"),
    "call": (
        "{origin}  {method}  {outcome}  {person}",
        "{origin}  {method}  {outcome}  {person}",
    ),
    "misunderstood": ("{reason}", "{reason}"),
    "goodbye": ("模拟器已停止。", "The simulator has stopped."),
    "origin": (
        (
            "不能接受网站“{origin}”：请写成浏览器地址的样子，如 https://tax.example.gov，不带路径，"
            "不用通配符；http 只能用于本机（如 http://localhost:3000）。"
        ),
        (
            "The site “{origin}” cannot be served: write it as a browser does, such as"
            " https://tax.example.gov, without a path and without wildcards; plain http only for"
            " this machine (such as http://localhost:3000)."
        ),
    ),
    "script": ("脚本 {file} 用不了：{reason}", "The script {file} cannot be used: {reason}"),
    "order": ("看不懂指令“{order}”：{reason}", "The order “{order}” is not understood: {reason}"),
    "policy": (
        "这台电脑装有签章助手的策略（{file}），模拟器不在这样的电脑上运行。",
        "Signet’s policy is installed on this computer ({file}); the simulator does not run here.",
    ),
    "agent": (
        "端口 {port} 上有签章助手在运行，模拟器不和它同时运行。请先退出签章助手。",
        (
            "Signet itself is running on port {port}; the simulator does not run beside it."
            " Quit Signet first."
        ),
    ),
    "ports": (
        "端口 {first} 至 {last} 都被占用。",
        "The ports {first} to {last} are all taken.",
    ),
    "folder": ("不能写入 {folder}：{reason}", "{folder} cannot be written: {reason}"),
    "command": ("命令 {command} 没有启动：{reason}", "{command} did not start: {reason}"),
}

LANGUAGES: tuple[Language, Language] = ("zh-Hans", "en")


def say(language: Language, name: str, **values: object) -> str:
    """Return a sentence of the catalogue with its values."""
    return _TEXTS[name][LANGUAGES.index(language)].format(**values)
