/* The map in one file: what the app's page and routes answer is answered from the page itself. */
(function () {
  "use strict";
  var dtg = window.dtg, state = null, parcels = null;

  function content(id) { return JSON.parse(document.getElementById("data-" + id).textContent); }

  /* ---- in place of the routes ------------------------------------------------------------ */

  function answer(value) {
    return Promise.resolve({ ok: true, status: value === null ? 204 : 200, headers: { get: function () { return "local"; } },
      json: function () { return Promise.resolve(value); },
      arrayBuffer: function () { return Promise.resolve(value); } });
  }

  window.fetch = function (url) {
    var tile = /\/tiles\/(\d+)\/(\d+)\/(\d+)\.mvt$/.exec(url), asked = url.split(/[?&][a-z]+=/);
    if (tile) { return answer(parcels.tile(Number(tile[1]), Number(tile[2]), Number(tile[3]))); }
    switch (asked[0]) {
      case dtg.config.plan_url: return answer(content("plan"));
      case dtg.config.coast_url: return answer(content("coast"));
      case dtg.config.data_url + "/parcels.json":
        return answer(asked[1].split(",").map(function (id) { return parcels.info(Number(id) - 1); }));
      case dtg.config.data_url + "/find.json": return answer(parcels.find(decodeURIComponent(asked[1])));
      default: return answer({ version: "local", busy: false });
    }
  };

  var readTile = dtg.readTile;
  dtg.readTile = function (body) { return body && body.kind ? body : readTile(body); };

  /* ---- in place of the time bar: the day is fixed ------------------------------------------- */

  dtg.buildTime = function () { dtg.map.keyboard.disable(); };
  dtg.timeIs = function (now) { dtg.parcels.setDay(dtg.dayOf(now.as_of)); };
  dtg.timeKey = function () { return false; };
  dtg.restless = function () { return false; };

  /* ---- in place of Python -------------------------------------------------------------------- */

  dtg.tell = function (message) {
    if (message.event === "select") { select(message.id); }
    if (message.event === "layers") { state.layers = message.layers; remember(); }
  };

  function select(id) {
    if (id && id[0] === "#") { id = "parcel:" + parcels.given.numbers[Number(id.slice(1)) - 1]; }
    var row = id && id.indexOf("parcel:") === 0 ? parcels.rowOf.get(id.slice(7)) : undefined;
    if (id && row === undefined && !document.getElementById("panel-" + id)) { id = null; }
    state = Object.assign({}, state, { selected: id, parcel: row === undefined ? null : parcels.feature(row) });
    dtg.update(state);
    show(id, row);
    remember();
  }

  function show(id, row) {
    var panel = document.getElementById("panel");
    var name = row === undefined ? "panel-" + (id || "district") : "panel-parcel";
    panel.replaceChildren(document.getElementById(name).content.cloneNode(true));
    if (row !== undefined) { fill(panel, row); }
    panel.scrollTop = 0;
    panel.setAttribute("data-shown", id || "district");
  }

  /* A parcel's panel: names are hostile, so everything goes in as text. */
  function fill(panel, row) {
    var info = parcels.info(row), at = info.steps[0], park = parcels.given.park[row];
    var home = park && dtg.features[park] ? dtg.features[park].feature.properties.name : "园区外";
    var words = { name: info.name, status: dtg.statusLabel(at, info), area: dtg.number(at.area_mu),
      since: at.since, home: home, origin: info.origin === "land" ? "陆地" : "填海",
      drawn: parcels.ringAt[row] < parcels.ringAt[row + 1] ? "已落图" : "未落图" };
    Object.keys(words).forEach(function (key) {
      panel.querySelectorAll("[data-word=" + key + "]").forEach(function (node) { node.textContent = words[key]; });
    });
    var crumb = panel.querySelector("[data-home]");
    crumb.setAttribute("data-select", park || "district");
  }

  /* ---- address ------------------------------------------------------------------------------------ */

  function remember() {
    var words = [];
    if (state.selected) { words.push("sel=" + encodeURIComponent(state.selected)); }
    if (String(state.layers) !== String(first.layers)) { words.push("layers=" + state.layers.join(",")); }
    var hash = words.length ? "#" + words.join("&") : "";
    if (hash !== window.location.hash) { window.location.hash = hash; }
  }

  function recall() {
    var asked = new Map(window.location.hash.slice(1).split("&").map(function (pair) {
      var at = pair.indexOf("=");
      return [pair.slice(0, at), decode(pair.slice(at + 1))];
    }));
    var layers = asked.get("layers");
    state.layers = layers === undefined ? first.layers : layers.split(",");
    return asked.get("sel") || (window.location.hash ? null : first.selected);
  }

  function decode(text) { try { return decodeURIComponent(text); } catch (e) { return ""; } }

  /* ---- opening ---------------------------------------------------------------------------------- */

  var first = content("state");

  window.addEventListener("DOMContentLoaded", function () {
    state = Object.assign({}, first);
    parcels = new dtg.LocalParcels(content("parcels"));
    var box = document.getElementById("map");
    var map = L.map(box, { zoomSnap: 0.25, zoomDelta: 0.5, minZoom: 9, maxZoom: 19 });
    map.setView([27.9, 121.05], 12);
    dtg.mount(map, content("config"));
    box.style.setProperty("height", "100%", "important");
    document.addEventListener("click", function (event) {
      var chosen = event.target.closest("[data-select]");
      if (chosen) { select(chosen.getAttribute("data-select") === "district" ? null : chosen.getAttribute("data-select")); }
    });
    window.addEventListener("hashchange", function () {
      var wanted = recall();
      if ((wanted || null) !== (state.selected || null)) { select(wanted); } else { dtg.update(state); }
    });
    select(recall());
  });
})();
