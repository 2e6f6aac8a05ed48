/**
 * What can go wrong, whose it is to cure, and what to tell the person.
 *
 * @module signet/errors
 */

/**
 * Every error of the contract. The list is that of schema/errors.json; a test holds the two
 * together.
 */
export const ERRORS = Object.freeze({
  "page.malformed": entry(
    "page",
    false,
    "这个网页和签章助手没有对上话，证书没有被使用。请告诉网站的客服。",
    "This page and Signet misunderstood each other. Your certificate was not used. Please tell the site’s support.",
  ),
  "page.invalid_request": entry(
    "page",
    false,
    "这个网页和签章助手没有对上话，证书没有被使用。请告诉网站的客服。",
    "This page and Signet misunderstood each other. Your certificate was not used. Please tell the site’s support.",
  ),
  "page.unknown_method": entry(
    "page",
    false,
    "这个网页和签章助手没有对上话，证书没有被使用。请告诉网站的客服。",
    "This page and Signet misunderstood each other. Your certificate was not used. Please tell the site’s support.",
  ),
  "page.invalid_params": entry(
    "page",
    false,
    "这个网页和签章助手没有对上话，证书没有被使用。请告诉网站的客服。",
    "This page and Signet misunderstood each other. Your certificate was not used. Please tell the site’s support.",
  ),
  "page.too_large": entry(
    "page",
    false,
    "这份文件太大，签章助手没有接收，什么也没有签。请告诉网站的客服。",
    "The document is too large for Signet. Nothing was signed. Please tell the site’s support.",
  ),
  "page.hello_required": entry(
    "page",
    false,
    "这个网页和签章助手没有对上话，证书没有被使用。请告诉网站的客服。",
    "This page and Signet misunderstood each other. Your certificate was not used. Please tell the site’s support.",
  ),
  "page.version_unsupported": entry(
    "page",
    false,
    "这个网页和您电脑上的签章助手版本不合，证书没有被使用。请更新签章助手，再打开网页。",
    "This page and the Signet on your computer are of different versions. Your certificate was not used. Please update Signet and open the page again.",
  ),
  "page.id_in_use": entry(
    "page",
    false,
    "这个网页和签章助手没有对上话，证书没有被使用。请告诉网站的客服。",
    "This page and Signet misunderstood each other. Your certificate was not used. Please tell the site’s support.",
  ),
  "page.too_many_calls": entry(
    "page",
    true,
    "这个网页同时提了太多请求，有一个没有接收。请等一会儿，再试一次。",
    "This page asked for too much at once. Please wait a moment and try again.",
  ),
  "page.asked_too_often": entry(
    "page",
    true,
    "您刚才几次都没有同意这个网站的请求，签章助手暂时不再为它打开窗口。需要办理的话，请过五分钟再试一次。",
    "You did not agree to this site’s last requests, so Signet opens no more windows for it for now. If you want to go on, please try again in five minutes.",
  ),
  "page.pin_forbidden": entry(
    "page",
    false,
    "这个网页想传送 PIN 码，签章助手没有接收。PIN 码只能在签章助手的窗口里输入。请告诉网站的客服。",
    "This page tried to pass on a PIN, and Signet did not take it. A PIN is typed in Signet’s own window only. Please tell the site’s support.",
  ),
  "page.nonce_weak": entry(
    "page",
    false,
    "这个网页和签章助手没有对上话，证书没有被使用。请告诉网站的客服。",
    "This page and Signet misunderstood each other. Your certificate was not used. Please tell the site’s support.",
  ),
  "page.format_unsupported": entry(
    "page",
    false,
    "您电脑上的签章助手还不会签这种文件，什么也没有签。请更新签章助手，再试一次。",
    "The Signet on your computer cannot sign this kind of document. Nothing was signed. Please update Signet and try again.",
  ),
  "page.document_unsuitable": entry(
    "page",
    false,
    "这份文件不能原样显示给您看，所以没有签。请告诉网站的客服。",
    "The document cannot be shown to you exactly as it is, so it was not signed. Please tell the site’s support.",
  ),
  "page.envelope_unsuitable": entry(
    "page",
    false,
    "这份加密内容打不开，没有解密。请告诉网站的客服。",
    "The encrypted content cannot be opened. Nothing was decrypted. Please tell the site’s support.",
  ),
  "page.upload_unknown": entry(
    "page",
    true,
    "文件没有传完整，什么也没有签。请再试一次。",
    "The file did not arrive whole. Nothing was signed. Please try again.",
  ),
  "page.upload_incomplete": entry(
    "page",
    false,
    "文件没有传完整，什么也没有签。请再试一次。",
    "The file did not arrive whole. Nothing was signed. Please try again.",
  ),
  "page.certificate_unknown": entry(
    "page",
    true,
    "网页要用的那张证书现在不在这台电脑上，什么也没有签。请插入它的 USB Key 或市民卡，再试一次。",
    "The certificate this page asks for is not on this computer. Nothing was signed. Please insert its USB key or card and try again.",
  ),
  "page.cancelled": entry(
    "page",
    true,
    "这次操作已取消，证书没有被使用。需要时可以再来一次。",
    "This was cancelled. Your certificate was not used. You can start again whenever you like.",
  ),
  "user.refused": entry(
    "user",
    true,
    "您没有同意，证书没有被使用。需要时可以再来一次。",
    "You did not agree. Your certificate was not used. You can start again whenever you like.",
  ),
  "user.timeout": entry(
    "user",
    true,
    "签章助手的窗口没有等到您，自己关上了，证书没有被使用。请再来一次。",
    "Signet’s window waited for you and closed by itself. Your certificate was not used. Please start again.",
  ),
  "user.pin_incorrect": entry(
    "user",
    true,
    "PIN 码不对，证书没有被使用。请想好 PIN 码，再来一次；多次输错会锁住。",
    "The PIN was wrong. Your certificate was not used. Please be sure of the PIN before you start again; too many wrong tries lock it.",
  ),
  "token.absent": entry(
    "token",
    true,
    "没有找到可用的证书。请插入 USB Key 或市民卡，再试一次。",
    "No usable certificate was found. Please insert your USB key or card and try again.",
  ),
  "token.removed": entry(
    "token",
    true,
    "USB Key 或市民卡拔得早了，还没有签。请重新插入，再试一次。",
    "The USB key or card was removed too early, before it had signed. Please insert it again and try again.",
  ),
  "token.pin_locked": entry(
    "token",
    false,
    "PIN 码输错太多次，证书已锁住。请本人到证书服务点解锁。",
    "The PIN was wrong too many times and the certificate is locked. Please go to a certificate service point in person.",
  ),
  "token.busy": entry(
    "token",
    true,
    "卡正被另一个程序占用，网页没有得到签名。请关掉那个程序，再试一次。",
    "Another program is using the card, and the page got no signature. Please close that program and try again.",
  ),
  "token.timeout": entry(
    "token",
    true,
    "USB Key 或市民卡没有回应，网页没有得到签名。请拔下再插入，再试一次。",
    "The USB key or card did not answer, and the page got no signature. Please unplug it, insert it again and try again.",
  ),
  "token.fault": entry(
    "token",
    true,
    "USB Key 或市民卡出了问题，网页没有得到签名。请拔下再插入，再试一次；还不行，请到证书服务点。",
    "There is a problem with the USB key or card, and the page got no signature. Please insert it again and try again; if that does not help, go to a certificate service point.",
  ),
  "token.certificate_expired": entry(
    "token",
    false,
    "证书已过期，或者还没有生效，不能使用。请到证书服务点换新证书。",
    "The certificate has expired or is not valid yet. Please go to a certificate service point for a new one.",
  ),
  "token.certificate_unsuitable": entry(
    "token",
    true,
    "插入的证书不能用来做这件事。请换另一只 USB Key 或市民卡，再试一次。",
    "The certificate that is plugged in is not meant for this. Please insert another USB key or card and try again.",
  ),
  "policy.operation_denied": entry(
    "policy",
    false,
    "管理员没有允许这个网站做这件事，证书没有被使用。请问您单位的管理员。",
    "Your administrator has not allowed this site to do this. Your certificate was not used. Please ask your administrator.",
  ),
  "policy.format_denied": entry(
    "policy",
    false,
    "管理员没有允许这个网站使用这种签名方式，证书没有被使用。请问您单位的管理员。",
    "Your administrator has not allowed this site this kind of signature. Your certificate was not used. Please ask your administrator.",
  ),
  "policy.key_denied": entry(
    "policy",
    true,
    "管理员没有允许这个网站使用现在插入的证书。请换用规定的证书，或者问您单位的管理员。",
    "Your administrator has not allowed this site to use the certificate that is plugged in. Please use the one that is meant for it, or ask your administrator.",
  ),
  "agent.busy": entry(
    "agent",
    true,
    "签章助手已经开着一个窗口。请先看完那个窗口，再试一次。",
    "Signet already has a window open. Please finish with that window and try again.",
  ),
  "agent.paused": entry(
    "agent",
    true,
    "签章助手已暂停。请在它的图标菜单里恢复，再试一次。",
    "Signet is paused. Please resume it from its icon’s menu and try again.",
  ),
  "agent.audit_unavailable": entry(
    "agent",
    true,
    "签章助手写不了记录，所以没有签。请看看磁盘是不是满了，再试一次。",
    "Signet cannot write its log, so nothing was signed. Please check whether the disk is full and try again.",
  ),
  "agent.storage_full": entry(
    "agent",
    true,
    "电脑的磁盘放不下这份文件，什么也没有签。请腾出一些空间，再试一次。",
    "There is not enough space on this computer for the file. Nothing was signed. Please free some space and try again.",
  ),
  "agent.window_unavailable": entry(
    "agent",
    true,
    "签章助手的窗口没有显示出来，什么也没有签。请再试一次；还不行，请重新启动签章助手。",
    "Signet’s window could not be shown. Nothing was signed. Please try again; if that does not help, restart Signet.",
  ),
  "agent.fault": entry(
    "agent",
    true,
    "签章助手出了问题，网页没有得到结果。请再试一次；还不行，请告诉您单位的管理员。",
    "Signet has a problem, and the page got no result. Please try again; if that does not help, tell your administrator.",
  ),
  "client.unreachable": entry(
    "user",
    true,
    "没有连上签章助手。请看看它有没有安装、有没有启动；都好了还连不上，请问您单位的管理员这个网站登记了没有。",
    "Signet did not answer. Please check that it is installed and running; if it is, ask your administrator whether this site is registered.",
  ),
  "client.permission_denied": entry(
    "user",
    true,
    "浏览器没有让这个网站连接签章助手。请点网址左边的图标，允许它访问本机上的应用，再试一次。",
    "The browser does not let this site reach Signet. Please click the icon left of the address, allow access to apps on this device, and try again.",
  ),
  "client.permission_pending": entry(
    "user",
    true,
    "浏览器在问这个网站能不能连接签章助手，还没有得到回答。请点“允许”，再试一次；没有看到它问，请看看签章助手有没有启动。",
    "The browser is asking whether this site may reach Signet and has no answer yet. Please choose Allow and try again; if you see no question, check that Signet is running.",
  ),
  "client.blocked_by_page": entry(
    "page",
    false,
    "这个网站的设置不让网页连接签章助手。请告诉网站的客服。",
    "This site’s own settings keep the page from reaching Signet. Please tell the site’s support.",
  ),
  "client.connection_lost": entry(
    "agent",
    true,
    "和签章助手的连接断了，网页没有收到结果。请先看看签章助手的记录，再试一次。",
    "The connection to Signet ended before the page got a result. Please look at Signet’s log first, then try again.",
  ),
  "client.file_changed": entry(
    "user",
    true,
    "文件在传送时被改动了，什么也没有签。请重新选择文件，再试一次。",
    "The file changed while it was being sent. Nothing was signed. Please choose the file again.",
  ),
  "client.framed": entry(
    "page",
    false,
    "这个页面嵌在别的网页里，不能使用证书。请单独打开这个网站。",
    "This page is embedded in another one and cannot use certificates there. Please open the site by itself.",
  ),
  "client.click_required": entry(
    "page",
    true,
    "网页要等您点一下，才会连接签章助手。请点一下网页上的按钮。",
    "This page connects to Signet only after you click. Please click the button on the page.",
  ),
  "client.insecure_page": entry(
    "page",
    false,
    "这个网页不是用 https 打开的，不能使用证书。请用 https 开头的网址打开。",
    "This page was not opened over https and cannot use certificates. Please open it with an address that begins with https.",
  ),
  "client.malformed_reply": entry(
    "agent",
    false,
    "签章助手的回答看不懂，网页没有采用。请更新签章助手，再打开网页。",
    "The page does not understand Signet’s answer and did not use it. Please update Signet and open the page again.",
  ),
});

function entry(fault, retry, zhHans, en) {
  return Object.freeze({ fault, retry, tell: Object.freeze({ "zh-Hans": zhHans, en }) });
}

/**
 * Why a call did not give a result.
 *
 * `code` is stable and made for programs; `tell` is made for the person; `message` is for you.
 */
export class SignetError extends Error {
  /**
   * @param {string} code the dotted code, from the agent or `client.*`
   * @param {{message?: string, retry?: boolean, audit?: object, cause?: unknown}} [more]
   */
  constructor(code, { message, retry, audit, cause } = {}) {
    super(message ? `${code}: ${message}` : code, { cause });
    // An agent newer than this file may send a code that is not in the table.
    const known = Object.hasOwn(ERRORS, code) ? ERRORS[code] : ERRORS["agent.fault"];
    this.name = "SignetError";
    this.code = code;
    this.fault = known === ERRORS[code] ? known.fault : code.split(".", 1)[0];
    this.retry = retry ?? known.retry;
    this.tell = known.tell;
    this.audit = audit;
  }
}
