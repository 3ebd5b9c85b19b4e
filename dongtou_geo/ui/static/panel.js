/* Puts the panel's HTML in place and reports which feature was clicked. */
export default function (component) {
  document.documentElement.lang = "zh-CN";
  // Streamlit's own word for screen readers.
  document.querySelectorAll("[role=dialog] [aria-label=Close]").forEach((close) => { close.ariaLabel = "关闭"; });
  joinProofEntries();
  const { data, parentElement, setTriggerValue } = component;
  const host = parentElement.querySelector("[data-host]");
  if (host.shownHtml !== data.html) {
    const open = new Set([...host.querySelectorAll("details[open]")].map((d) => d.dataset.name));
    const active = host.getRootNode().activeElement, kept = active?.dataset.keep;
    host.innerHTML = data.html;
    host.shownHtml = data.html;
    host.querySelectorAll("details").forEach((d) => { d.open = d.open || open.has(d.dataset.name); });
    // Who steps by keyboard must not be thrown off the control by its own answer.
    if (kept) { host.querySelector(`[data-keep="${kept}"]`)?.focus(); }
    // A dialog closes on Escape only while the focus is in it.
    if (active && !host.contains(host.getRootNode().activeElement) && inDialog(host)) {
      host.tabIndex = -1;
      host.style.outline = "none";
      host.focus({ preventScroll: true });
    }
  }
  host.querySelectorAll("[data-hint]").forEach((hint) => { hint.hidden = wasSeen(hint.dataset.hint); });
  // An SVG part is no button: what Enter does there must be said.
  host.onkeydown = (event) => {
    if (event.key !== "Enter" && event.key !== " ") { return; }
    const part = event.target.closest("svg [data-select]");
    if (part) { event.preventDefault(); setTriggerValue("select", part.dataset.select); }
  };
  takeDays(host, (day) => setTriggerValue("select", day));
  // The page may have moved on to another day since the link was drawn; it must also lead there
  // where it is opened in a new window.
  host.onpointerdown = host.onfocusin = (event) => { carry(event.target.closest("a[data-carry]")); };
  host.onclick = (event) => {
    const toggle = event.target.closest("[data-toggle]");
    if (toggle) { toggle.ariaExpanded = String(toggle.ariaExpanded !== "true"); return; }
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
    if (target && !target.disabled) { setTriggerValue("select", target.dataset.select); }
  };
}

function inDialog(host) {
  const root = host.getRootNode();
  return Boolean((root.host || host).closest("[role=dialog]"));
}

/* What the address says of the day goes along to the next page. */
function carry(link) {
  if (!link) { return; }
  const target = new URL(link.href), said = new URLSearchParams(location.search).get(link.dataset.carry);
  if (said === null) { target.searchParams.delete(link.dataset.carry); } else { target.searchParams.set(link.dataset.carry, said); }
  link.href = target.href;
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
