/* The time bar: drag, step or play; the browser repaints alone, Python hears of the day at rest. */
(function () {
  "use strict";
  var dtg = window.dtg, REST_MS = 250, FORGET_MS = 6000;
  var PACE = { month: { months: 1, ms: 160, word: "月" }, quarter: { months: 3, ms: 320, word: "季" } };
  var bar = { pace: "quarter" };
  dtg.time = bar;

  function make(tag, className, words) {
    var node = document.createElement(tag);
    node.className = className;
    if (words) { node.textContent = words; }
    return node;
  }

  dtg.buildTime = function () {
    var box = make("div", "dtg-time");
    bar.play = make("button", "dtg-play", "▶");
    bar.paceButton = make("button", "dtg-pace");
    bar.track = make("div", "dtg-track");
    bar.ticks = make("canvas", "dtg-ticks");
    bar.years = make("div", "dtg-years");
    bar.past = make("i", "dtg-past");
    bar.knob = make("b", "dtg-knob");
    bar.words = make("output", "dtg-day");
    [bar.ticks, bar.past, bar.years, bar.knob].forEach(function (node) { bar.track.appendChild(node); });
    [bar.play, bar.paceButton, bar.track, bar.words].forEach(function (node) { box.appendChild(node); });
    bar.play.type = bar.paceButton.type = "button";
    var slider = { role: "slider", tabindex: "0", "aria-label": "截至日期" };
    Object.keys(slider).forEach(function (key) { bar.track.setAttribute(key, slider[key]); });
    bar.track.title = "拖动选日期；左右箭头逐月，PageUp / PageDown 逐年，空格播放";
    bar.play.onclick = function () { if (bar.timer) { stop(true); } else { play(); } };
    bar.paceButton.onclick = function () { setPace(bar.pace === "month" ? "quarter" : "month"); };
    bar.track.onpointerdown = grab;
    bar.track.onpointermove = function (event) { if (bar.held) { moveTo(dayAt(event)); } };
    bar.track.onpointerup = bar.track.onpointercancel = function () { bar.held = false; rest(); };
    L.DomEvent.disableClickPropagation(box);
    L.DomEvent.disableScrollPropagation(box);
    dtg.map.getContainer().appendChild(box);
    dtg.map.getContainer().classList.add("dtg-timed");
    dtg.map.keyboard.disable();
    setPace("quarter");
    say();
    new ResizeObserver(drawTicks).observe(bar.track);
  };

  /* Called with every state: Python's day holds unless a newer one is under way. */
  dtg.timeIs = function (state) {
    var months = JSON.stringify(state.months), span = state.span.map(dtg.dayOf);
    var other = months !== bar.monthsText || !bar.span || span.join() !== bar.span.join();
    bar.span = span;
    bar.monthsText = months;
    bar.months = state.months;
    if (other) { drawTicks(); }
    if (bar.pending === state.as_of) { bar.pending = null; }
    if (!dtg.restless()) { setDay(dtg.dayOf(state.as_of)); }
    stale();
  };

  /* Whether the day painted is on its way somewhere: nothing is asked of Python meanwhile. */
  dtg.restless = function () { return Boolean(bar.timer || bar.held || bar.resting || bar.pending); };

  dtg.timeKey = function (event) {
    var step = { ArrowLeft: -1, ArrowRight: 1, PageDown: -12, PageUp: 12 }[event.key];
    if (step) { stop(false); moveTo(stepped(dtg.parcels.day, step)); rest(); }
    else if (event.key === "Home" || event.key === "End") { stop(false); moveTo(bar.span[event.key === "Home" ? 0 : 1]); rest(); }
    else if (event.key === " " && event.target === bar.track) { bar.play.click(); }
    else { return false; }
    return true;
  };

  /* ---- days --------------------------------------------------------------------------------- */

  function monthEnd(day, months) {
    var d = new Date(Date.UTC(2000, 0, 1 + day));
    return Math.round((Date.UTC(d.getUTCFullYear(), d.getUTCMonth() + months + 1, 0) - Date.UTC(2000, 0, 1)) / 864e5);
  }

  /* From one month's end to another; from within a month first to its end, or the one before. */
  function stepped(day, months) {
    var end = monthEnd(day, 0);
    if (months > 0 && day < end) { return monthEnd(day, months - 1); }
    return monthEnd(day, months);
  }

  function nextFrame(day) {
    var months = PACE[bar.pace].months, next = stepped(day, 1);
    while (months === 3 && new Date(Date.UTC(2000, 0, 1 + next)).getUTCMonth() % 3 !== 2) { next = stepped(next, 1); }
    return Math.min(next, bar.span[1]);
  }

  function setDay(day, atOnce) {
    if (!dtg.parcels) { return; }
    dtg.parcels.setDay(day, atOnce);
    say();
    stale();
  }

  function moveTo(day, atOnce) { setDay(Math.max(bar.span[0], Math.min(bar.span[1], day)), atOnce); }

  function rest() {
    clearTimeout(bar.resting);
    if (bar.held || bar.timer) { bar.resting = null; return; }
    bar.resting = setTimeout(function () {
      bar.resting = null;
      var day = dtg.isoOf(dtg.parcels.day);
      dtg.placeLabels();
      dtg.parcels.paint();  // edges that were painted over show a trace of what was there
      if (!dtg.state || day === dtg.state.as_of) { stale(); return; }
      bar.pending = day;
      setTimeout(function () { if (bar.pending === day) { bar.pending = null; } }, FORGET_MS);
      dtg.tell({ event: "as_of", as_of: day });
    }, REST_MS);
  }

  /* ---- playing -------------------------------------------------------------------------------- */

  function play() {
    if (dtg.parcels.day >= bar.span[1]) { moveTo(bar.span[0]); }
    clearTimeout(bar.resting);
    bar.resting = null;
    bar.next = performance.now();
    bar.timer = requestAnimationFrame(turn);
    say();
  }

  function turn(now) {
    bar.timer = requestAnimationFrame(turn);
    if (now < bar.next) { return; }
    bar.next = now + (bar.paceMs || PACE[bar.pace].ms);
    moveTo(nextFrame(dtg.parcels.day), true);
    if (dtg.parcels.day >= bar.span[1]) { stop(true); }
  }

  function stop(tell) {
    cancelAnimationFrame(bar.timer);
    bar.timer = null;
    say();
    if (tell) { rest(); }
  }

  function setPace(pace) {
    bar.pace = pace;
    bar.paceButton.textContent = "逐" + PACE[pace].word;
    bar.paceButton.title = "播放的步长：逐月或逐季";
  }

  /* ---- what is seen ---------------------------------------------------------------------------- */

  function grab(event) {
    stop(false);
    clearTimeout(bar.resting);
    bar.resting = null;
    bar.held = true;
    bar.track.setPointerCapture(event.pointerId);
    moveTo(dayAt(event));
  }

  function dayAt(event) {
    var box = bar.track.getBoundingClientRect(), part = (event.clientX - box.left) / box.width;
    var day = Math.round(bar.span[0] + Math.max(0, Math.min(1, part)) * (bar.span[1] - bar.span[0]));
    // Ends of months are what is reported: the knob goes from one to the next.
    var end = monthEnd(day, 0), before = monthEnd(day, -1);
    return end - day < day - before ? end : before;
  }

  function share(day) { return (day - bar.span[0]) / Math.max(1, bar.span[1] - bar.span[0]); }

  function say() {
    var playing = Boolean(bar.timer);
    bar.play.textContent = playing ? "❚❚" : "▶";
    bar.play.setAttribute("aria-label", playing ? "暂停" : "播放");
    bar.play.title = playing ? "暂停" : "播放";
    if (!dtg.parcels || !bar.span) { return; }
    var iso = dtg.isoOf(dtg.parcels.day), left = (100 * Math.max(0, Math.min(1, share(dtg.parcels.day)))) + "%";
    bar.knob.style.left = left;
    bar.past.style.width = left;
    bar.words.textContent = iso;
    bar.track.setAttribute("aria-valuemin", "0");
    bar.track.setAttribute("aria-valuemax", String(bar.span[1] - bar.span[0]));
    bar.track.setAttribute("aria-valuenow", String(dtg.parcels.day - bar.span[0]));
    bar.track.setAttribute("aria-valuetext", iso);
  }

  /* Figures are Python's and of its day; until it has answered they are shown as such. */
  function stale() {
    var behind = dtg.state && dtg.parcels && dtg.isoOf(dtg.parcels.day) !== dtg.state.as_of;
    dtg.map.getContainer().classList.toggle("dtg-stale", Boolean(behind));
  }

  function drawTicks() {
    var w = bar.track.clientWidth, h = 14, r = window.devicePixelRatio || 1;
    if (!w || !bar.span) { return; }
    bar.ticks.width = w * r;
    bar.ticks.height = h * r;
    var pen = bar.ticks.getContext("2d");
    pen.scale(r, r);
    pen.fillStyle = "#9AA5A5";
    Object.keys(bar.months || {}).forEach(function (month) {
      var x = share(monthEnd(dtg.dayOf(month + "-01"), 0)) * w, tall = 1 + 13 * bar.months[month];
      if (x >= 0 && x <= w + 1) { pen.fillRect(Math.min(x, w - 2) - 1, h - tall, 2, tall); }
    });
    drawYears(w);
    say();
  }

  function drawYears(w) {
    var first = Number(dtg.isoOf(bar.span[0]).slice(0, 4)), last = Number(dtg.isoOf(bar.span[1]).slice(0, 4));
    var each = Math.ceil((last - first + 1) * 42 / w), marks = [];
    for (var year = first; year <= last; year += 1) {
      var left = share(dtg.dayOf(year + "-01-01")) * 100;
      if ((year - first) % each === 0 && left >= 0 && left < 100 - 2800 / w) {
        var mark = make("span", "", String(year));
        mark.style.left = left + "%";
        marks.push(mark);
      }
    }
    bar.years.replaceChildren.apply(bar.years, marks);
  }
})();
