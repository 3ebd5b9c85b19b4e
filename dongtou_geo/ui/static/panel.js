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
  // An SVG part is no button: what Enter does there must be said.
  host.onkeydown = (event) => {
    if (event.key !== "Enter" && event.key !== " ") { return; }
    const part = event.target.closest("svg [data-select]");
    if (part) { event.preventDefault(); setTriggerValue("select", part.dataset.select); }
  };
  host.onclick = (event) => {
    const copy = event.target.closest("[data-copy]");
    if (copy) { copyTable(host.querySelector(`[data-table="${copy.dataset.copy}"]`), copy); return; }
    const target = event.target.closest("[data-select]");
    if (target) { setTriggerValue("select", target.dataset.select); }
  };
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
