/* Shows one sheet of the briefing at a time: keys switch at once, Python learns of it for the address. */
const STEPS = { ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1 };
const PATIENCE_MS = 10000;

export default function (component) {
  document.documentElement.lang = "zh-CN";
  const { data, parentElement, setTriggerValue } = component;
  const host = parentElement.querySelector(".briefing");
  if (host.shownHtml !== data.html) {
    host.innerHTML = `<div class="frame"></div>${data.html}`;
    host.querySelector(".frame").append(host.querySelector(".stage"));
    host.shownHtml = data.html;
  }
  // The frame around lies outside this component; the page's own style hides it by this word.
  document.documentElement.dataset.briefing = data.full ? "full" : "framed";
  host.classList.toggle("full", data.full);
  host.classList.toggle("below-bar", data.sample && !data.full);
  const sheets = [...host.querySelectorAll(".sheet")];
  const ids = sheets.map((sheet) => sheet.dataset.sheet);

  function show(id) {
    const at = Math.max(0, ids.indexOf(id));
    host.at = at;
    sheets.forEach((sheet, place) => { sheet.classList.toggle("shown", place === at); });
    host.querySelector(".line i").style.width = `${((at + 1) / ids.length) * 100}%`;
    host.querySelector(".count").textContent = `${at + 1} / ${ids.length}`;
    host.querySelectorAll("[data-show]").forEach((button, place) => {
      button.setAttribute("aria-current", String(place === at));
      if (place === at) { host.querySelector(".here").textContent = button.lastChild.textContent; }
    });
  }
  function list(open) {
    host.querySelector(".list").hidden = !open;
    host.querySelector("[data-list]").setAttribute("aria-expanded", String(open));
  }
  function turn(to) {
    const at = Math.min(Math.max(to, 0), ids.length - 1);
    if (at === host.at) { return; }
    show(ids[at]);
    list(false);
    // Python answers with an older sheet while keys are pressed faster than it listens.
    host.waiting = { id: ids[at], since: Date.now() };
    setTriggerValue("select", `sheet:${ids[at]}`);
  }
  function back() {
    if (document.querySelector('[role="dialog"]')) { return; }
    const id = new URLSearchParams(location.search).get("sheet") ?? ids[0];
    if (ids.includes(id)) { show(id); host.waiting = { id, since: Date.now() }; }
  }
  function full(on) {
    if (on && document.fullscreenEnabled) { document.documentElement.requestFullscreen().catch(() => {}); }
    if (!on && document.fullscreenElement) { document.exitFullscreen().catch(() => {}); }
    setTriggerValue("select", on ? "full:on" : "full:off");
  }

  const waiting = host.waiting && Date.now() - host.waiting.since < PATIENCE_MS ? host.waiting.id : null;
  if (waiting === null || waiting === data.sheet || !ids.includes(waiting)) {
    host.waiting = null;
    show(data.sheet);
  } else {
    show(waiting);
  }

  host.onclick = (event) => {
    const target = event.target.closest("[data-select], [data-show], [data-step], [data-list], [data-full]");
    const wasOpen = !host.querySelector(".list").hidden;
    list(false);
    if (!target) { return; }
    const { select, show: id, step } = target.dataset;
    if (id !== undefined) { turn(ids.indexOf(id)); }
    else if (step !== undefined) { turn(host.at + Number(step)); }
    else if (target.hasAttribute("data-list")) { list(!wasOpen); }
    else if (target.hasAttribute("data-full")) { full(true); }
    else if (select.startsWith("sheet:")) { turn(ids.indexOf(select.slice(6))); }
    else { setTriggerValue("select", select); }
  };
  // No click needs to come first: the keys are the whole page's, but not while something else has them.
  function key(event) {
    if (!host.isConnected || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (document.querySelector('[role="dialog"]')) { return; }
    const inside = event.composedPath()[0];
    if (inside instanceof Element && inside.closest("input, textarea, select, [contenteditable]")) { return; }
    const pressed = inside instanceof Element && inside.closest("button, a, [data-select]");
    if (pressed && (event.key === " " || event.key === "Enter")) {
      // An SVG part is no button: what Enter does there must be said.
      if (pressed.closest("svg")) { event.preventDefault(); pressed.dispatchEvent(new MouseEvent("click", { bubbles: true, composed: true })); }
      return;
    }
    if (event.key in STEPS) { event.preventDefault(); turn(host.at + STEPS[event.key]); }
    else if (event.key === "Home") { event.preventDefault(); turn(0); }
    else if (event.key === "End") { event.preventDefault(); turn(ids.length - 1); }
    else if (event.key === "f" || event.key === "F") { full(!data.full); }
    else if (event.key === "Escape" && !host.querySelector(".list").hidden) { list(false); }
    else if (event.key === "Escape" && data.full) { full(false); }
  }
  // Leaving the browser's own full screen by Esc tells no key.
  function left() { if (data.full && !document.fullscreenElement) { full(false); } }
  document.addEventListener("keydown", key);
  document.addEventListener("fullscreenchange", left);
  window.addEventListener("popstate", back);
  host.release?.();
  host.release = () => {
    document.removeEventListener("keydown", key);
    document.removeEventListener("fullscreenchange", left);
    window.removeEventListener("popstate", back);
  };
  return () => {
    host.release?.();
    host.release = null;
    delete document.documentElement.dataset.briefing;
  };
}
