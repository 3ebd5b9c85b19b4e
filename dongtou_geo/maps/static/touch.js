/* Pointer and keyboard on the parcels: hover, click, the outline of what is chosen. */
(function () {
  "use strict";
  var dtg = window.dtg, HALO = [["#FFFFFF", 7], ["#0B3B5C", 3]], HOVER = [["#FFFFFF", 3.5], ["#0B3B5C", 1.5]];
  var ASK_AFTER_MS = 90, PAN_PX = 80;
  dtg.info = new Map();  // what Python said of parcels, by tile id
  dtg.missing = new Set();

  dtg.listenToParcels = function () {
    var map = dtg.map, moved = null;
    map.on("mousemove", function (event) {
      if (!moved) { requestAnimationFrame(function () { dtg.pointAt(moved); moved = null; }); }
      moved = event;
    });
    map.on("mouseout movestart", function () { dtg.pointAt(null); });
    map.on("dtg:tiles", function () { dtg.outline(); dtg.placeLabels(); });
    map.on("moveend zoomend", dtg.outline);
    map.getContainer().addEventListener("keydown", dtg.mapKey);
  };

  /* The parcel that answers at a place: from afar none does, a click there means the park. */
  dtg.parcelAt = function (latlng) {
    if (!dtg.parcels || dtg.map.getZoom() < dtg.config.parcel_zoom) { return null; }
    return dtg.parcels.at(latlng);
  };

  dtg.pointAt = function (event) {
    var above = event && event.originalEvent.target.closest && event.originalEvent.target.closest(".dtg-above, .leaflet-control");
    var hit = event && !above && !dtg.map._animatingZoom ? dtg.parcelAt(event.latlng) : null;
    var id = hit ? hit.id : null;
    if (id !== dtg.pointed) {
      dtg.pointed = id;
      dtg.map.getContainer().classList.toggle("dtg-over", id !== null);
      dtg.outline();
    }
    if (hit) { dtg.tipAt(hit, event.latlng); } else if (dtg.parcelTip) { dtg.parcelTip.remove(); }
  };

  dtg.tipAt = function (hit, latlng) {
    dtg.tipPlace = [hit, latlng];
    if (!dtg.parcelTip) {
      dtg.parcelTip = L.tooltip({ direction: "top", offset: [0, -8], className: "dtg-tip" });
    }
    if (dtg.tipped !== hit.id + "/" + dtg.parcels.day + "/" + dtg.info.has(hit.id)) {
      dtg.tipped = hit.id + "/" + dtg.parcels.day + "/" + dtg.info.has(hit.id);
      dtg.parcelTip.setContent(dtg.parcelWords(hit));
    }
    dtg.parcelTip.setLatLng(latlng).addTo(dtg.map);
    if (!dtg.info.has(hit.id) && !dtg.restless()) { dtg.ask([hit.id]); }
  };

  dtg.parcelWords = function (hit) {
    var p = dtg.info.get(hit.id), at = p && dtg.stepOf({ properties: p });
    var step = dtg.stepOn(hit.data, hit.row, dtg.parcels.day);
    var status = dtg.config.statuses[hit.data.now[hit.row]];
    var words = at ? dtg.statusLabel(at, p) + " · " + dtg.number(at.area_mu) + " 亩 · 自 " + at.since
      : dtg.config.legend_labels[status] + " · 自 " + dtg.isoOf(hit.data.day[step]);
    return dtg.tipBox(p ? p.name : "地块", words, dtg.sourceOf());
  };

  /* The date and the ledger of what is painted, which while time runs is ahead of the figures. */
  dtg.sourceOf = function () {
    var state = dtg.state;
    if (!state) { return ""; }
    return state.source.replace(state.as_of, dtg.isoOf(dtg.parcels.day));
  };

  /* ---- what Python knows of parcels ------------------------------------------------------ */

  dtg.ask = function (ids) {
    ids.forEach(function (id) { if (!dtg.info.has(id)) { dtg.missing.add(id); } });
    if (!dtg.missing.size || dtg.asking) { return; }
    dtg.asking = setTimeout(function () {
      var some = Array.from(dtg.missing).slice(0, 300);
      some.forEach(function (id) { dtg.missing.delete(id); });
      dtg.fetchJson(dtg.config.data_url + "/parcels.json?ids=" + some.join(",")).then(function (found) {
        found.forEach(function (p) { dtg.info.set(p.tile_id, p); });
        dtg.placeLabels();
        if (dtg.tipPlace && dtg.tipPlace[0].id === dtg.pointed) { dtg.tipAt.apply(null, dtg.tipPlace); }
        dtg.asking = null;
        dtg.ask([]);
      }).catch(function () { dtg.asking = null; });
    }, ASK_AFTER_MS);
  };

  /* ---- outlines above the parcels ---------------------------------------------------------- */

  dtg.outline = function () {
    var layer = dtg.parcels;
    if (!layer || !layer.corner) { return; }
    if (!dtg.lineCanvas) {
      var pane = dtg.map.createPane("dtg-line");
      pane.style.zIndex = 499;
      pane.style.pointerEvents = "none";
      dtg.lineCanvas = L.DomUtil.create("canvas", "leaflet-zoom-animated", pane);
    }
    var canvas = dtg.lineCanvas, r = layer.ratio, pen = canvas.getContext("2d");
    var chosen = layer.shown && !dtg.marked ? dtg.chosenTile : null;
    var any = layer.shown && (chosen || dtg.pointed);
    canvas.style.display = any ? "" : "none";
    if (!any) { return; }
    canvas.width = layer.width * r;
    canvas.height = layer.height * r;
    canvas.style.width = layer.width + "px";
    canvas.style.height = layer.height + "px";
    L.DomUtil.setTransform(canvas, dtg.map.latLngToLayerPoint(layer.corner), 1);
    pen.setTransform(r, 0, 0, r, 0, 0);
    [[dtg.pointed, HOVER], [chosen, HALO]].forEach(function (pair) {
      if (!pair[0]) { return; }
      layer.parts(pair[0], function (tile, row) {
        dtg.strokeTile(pen, tile.data, layer.place(tile), pair[1], function (i) { return i === row; });
      });
    });
  };

  /* ---- keyboard ---------------------------------------------------------------------------- */

  /* Leaflet's own keys are off, for its arrows would move the map. */
  dtg.zoomKey = function (event) {
    var by = { "+": 1, "=": 1, "-": -1, "_": -1 }[event.key];
    if (by) { dtg.map.setZoom(dtg.map.getZoom() + by * dtg.map.options.zoomDelta); }
    return Boolean(by);
  };

  /* The plain arrows belong to time; with Shift they move the map. Enter takes what is in the middle. */
  dtg.mapKey = function (event) {
    if (event.target !== dtg.map.getContainer()) { return; }
    var by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (by && event.shiftKey) {
      event.preventDefault();
      dtg.map.panBy([by[0] * PAN_PX, by[1] * PAN_PX]);
    }
    if (event.key === "Enter") {
      var hit = dtg.parcelAt(dtg.map.getCenter());
      if (hit) { dtg.choose("#" + hit.id); }
    }
  };
})();
