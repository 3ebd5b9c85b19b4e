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
  host.onclick = (event) => {
    const target = event.target.closest("[data-select]");
    if (target) { setTriggerValue("select", target.dataset.select); }
  };
}
