/* Puts the panel's HTML in place and reports which feature was clicked. */
export default function (component) {
  document.documentElement.lang = "zh-CN";
  const { data, parentElement, setTriggerValue } = component;
  const host = parentElement.querySelector(".panel");
  if (host.shownHtml !== data.html) {
    const open = new Set([...host.querySelectorAll("details[open]")].map((d) => d.dataset.name));
    host.innerHTML = data.html;
    host.shownHtml = data.html;
    host.querySelectorAll("details").forEach((d) => { d.open = d.open || open.has(d.dataset.name); });
  }
  host.querySelectorAll("[data-hint]").forEach((hint) => { hint.hidden = wasSeen(hint.dataset.hint); });
  // An SVG part is no button: what Enter does there must be said.
  host.onkeydown = (event) => {
    if (event.key !== "Enter" && event.key !== " ") { return; }
    const part = event.target.closest("svg [data-select]");
    if (part) { event.preventDefault(); setTriggerValue("select", part.dataset.select); }
  };
  host.onclick = (event) => {
    const hint = event.target.closest("[data-hint-close]")?.closest("[data-hint]");
    if (hint) { hint.hidden = true; see(hint.dataset.hint); return; }
    const link = event.target.closest("a[href]");
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (link && plain && link.origin === location.origin && link.target !== "_blank") {
      event.preventDefault();
      joinEntries(link);
      setTriggerValue("select", `go:${link.pathname}${link.search}`);
      return;
    }
    const copy = event.target.closest("[data-copy]");
    if (copy) { copyTable(host.querySelector(`[data-table="${copy.dataset.copy}"]`), copy); return; }
    const target = event.target.closest("[data-select]");
    if (target) { setTriggerValue("select", target.dataset.select); }
  };
}

/* Streamlit changes query and page in two entries of the history; Back would stop between them. */
function joinEntries(link) {
  if (link.pathname === location.pathname || link.search === location.search) { return; }
  let first = true;
  history.pushState = (...entry) => {
    if (first) { first = false; History.prototype.pushState.apply(history, entry); return; }
    delete history.pushState;
    history.replaceState(...entry);
  };
  setTimeout(() => { delete history.pushState; }, 5000);
}

/* The clipboard of scripts needs HTTPS; a copied selection does not, and WPS takes it as a table. */
function copyTable(table, button) {
  if (!table) { return; }
  const twin = table.cloneNode(true);
  twin.style.position = "absolute";
  document.body.append(twin);
  const selection = document.getSelection();
  selection.selectAllChildren(twin);
  button.textContent = document.execCommand("copy") ? "已复制" : "请手动选取";
  selection.removeAllRanges();
  twin.remove();
}

/* A hint that was put away stays away in this browser; where nothing may be kept it comes again. */
function wasSeen(name) {
  try { return localStorage.getItem(`dtg-hint-${name}`) === "seen"; } catch { return false; }
}

function see(name) {
  try { localStorage.setItem(`dtg-hint-${name}`, "seen"); } catch { /* not kept, then */ }
}
