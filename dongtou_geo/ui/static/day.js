
/* A day that is typed or picked is told as 2026-06-30; one that cannot be is said where it stands. */
function takeDays(host, tell) {
  const text = host.querySelector("[data-day]");
  if (!text) { return; }
  const calendar = host.querySelector("input.calendar"), words = host.querySelector(".wrong");
  const say = (wrong) => {
    words.textContent = wrong;
    words.hidden = !wrong;
    text.setAttribute("aria-invalid", String(Boolean(wrong)));
  };
  const take = (written) => {
    const day = isoDay(written), { first, last } = text.dataset;
    if (!day) { say(`「${written.trim()}」不是日期，应写成 2026-06-30 或 20260630`); return; }
    if (day < first || day > last) { say(`${day} 不在可查范围内，应在 ${first} 至 ${last} 之间`); return; }
    say("");
    text.value = day;
    if (day !== text.defaultValue) { tell(day); }
  };
  text.onchange = () => take(text.value);
  text.oninput = () => say("");
  text.onfocus = () => text.select();
  text.onkeydown = (event) => { if (event.key === "Escape") { text.value = text.defaultValue; say(""); text.blur(); } };
  calendar.onchange = () => { if (calendar.value) { take(calendar.value); } };
  host.querySelector("[data-pick]").onclick = (event) => { event.stopPropagation(); calendar.showPicker(); };
}

/* 2026-6-30, 2026.06.30, 2026/6/30, 2026年6月30日, 20260630 and full-width figures, as ISO; else null. */
function isoDay(written) {
  const parts = /^(\d{4})(?:[-./年](\d{1,2})[-./月](\d{1,2})日?|(\d\d)(\d\d))$/.exec(written.normalize("NFKC").replace(/\s/g, ""));
  if (!parts) { return null; }
  const [year, month, day] = [parts[1], parts[2] || parts[4], parts[3] || parts[5]].map(Number);
  const at = new Date(Date.UTC(year, month - 1, day));
  // 31 February is no day, whatever a Date makes of it.
  return at.getUTCMonth() === month - 1 && at.getUTCDate() === day ? at.toISOString().slice(0, 10) : null;
}
