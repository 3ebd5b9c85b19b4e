/* Puts the panel's HTML in place and reports which feature was clicked. */
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const host = parentElement.querySelector(".panel");
  if (host.dataset.html !== data.html) {
    const open = new Set([...host.querySelectorAll("details[open]")].map((d) => d.dataset.name));
    host.innerHTML = data.html;
    host.dataset.html = data.html;
    host.querySelectorAll("details").forEach((d) => { d.open = d.open || open.has(d.dataset.name); });
  }
  host.onclick = (event) => {
    const target = event.target.closest("[data-select]");
    if (target) { setTriggerValue("select", target.dataset.select); }
  };
}
