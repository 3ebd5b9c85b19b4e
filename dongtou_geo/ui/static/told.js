/* A place that is read out when its words change, and brought into sight when they are new. */
export default function (component) {
  const { data, parentElement } = component;
  const host = parentElement.querySelector(".told");
  if (host.shownHtml !== data.html) { host.innerHTML = data.html; host.shownHtml = data.html; }
  if (host.shownMark === data.mark) { return; }
  host.shownMark = data.mark;
  if (!data.mark) { return; }
  // The form above or below is still being drawn or taken away: what was in sight may leave it.
  const still = () => host.shownMark === data.mark;
  for (const wait of [0, 200, 600, 1200]) {
    setTimeout(() => { if (still()) { host.scrollIntoView({ block: data.block }); } }, wait);
  }
}
