/* The map in the browser: draws the plan, selects; parcels are painted by tiles.js.
 *
 * Python sends two things: a constant configuration (dtg.mount) and, on every rerun, a small
 * state (dtg.update). Everything that can be answered here at once is answered here; figures
 * follow from Python. Text always goes through textContent: imported names are hostile.
 */
(function () {
  "use strict";
  // What the layer card and the search field take from the map's left and top, and what the credits
  // and the time bar take from its foot, in pixels.
  var CARD = [242, 60], FOOT = [0, 90];
  var dtg = { ready: false, state: null, layers: {}, features: {}, groups: {},
              drawn: {}, on: {} };
  window.dtg = dtg;

  dtg.mount = function (map, config) {
    dtg.map = map;
    dtg.config = config;
    dtg.ownValue();
    // st_folium fixes a height in pixels; the page gives the frame its height instead.
    map.getContainer().style.cssText += ";height:100vh!important;width:100%!important";
    dtg.keepFitted(map);
    map.attributionControl.remove();
    map.zoomControl.remove();
    L.control.zoom({ position: "topright", zoomInTitle: "放大", zoomOutTitle: "缩小" }).addTo(map);
    document.documentElement.lang = "zh-CN";
    L.control.scale({ imperial: false, position: "bottomright", maxWidth: 140 }).addTo(map);
    dtg.furniture();
    map.on("click", function (event) { dtg.clicked(null, event.latlng); });
    var plan = dtg.fetchJson(config.plan_url).then(function (doc) { dtg.begin(doc.layers); return doc; });
    Promise.all([plan, dtg.fetchJson(config.coast_url)]).then(function (docs) {
      dtg.draw(docs[0], docs[1]);
    }).catch(function (error) {
      dtg.complain("地图数据未能读取：" + error.message + "。请刷新页面；若仍如此，请联系管理员。");
    });
  };

  /* The frame gets its size late and again: fit once it has one, then only follow it. */
  dtg.keepFitted = function (map) {
    var fitted = false;
    new ResizeObserver(function () {
      map.invalidateSize({ animate: false });
      if (!fitted && map.getSize().y > 200) {
        fitted = true;
        dtg.goHome();
        if (dtg.ready && dtg.state) { dtg.apply(dtg.state, true); } else { dtg.beginTiles(); }
      }
    }).observe(map.getContainer());
  };

  /* On a phone the card is shut: nothing is kept free for it. */
  dtg.cardRoom = function () { return [dtg.narrow() ? 0 : CARD[0], CARD[1]]; };
  dtg.narrow = function () { return dtg.map.getSize().x < 700; };

  dtg.goHome = function () {
    dtg.map.fitBounds(dtg.config.home, { animate: false, paddingTopLeft: [dtg.cardRoom()[0], 0], paddingBottomRight: FOOT });
  };

  dtg.fetchJson = function (url) {
    return fetch(url).then(function (answer) {
      if (!answer.ok) { throw new Error(url.split("?")[0] + " 返回 " + answer.status); }
      return answer.json();
    });
  };

  dtg.complain = function (text) {
    var box = document.createElement("div");
    box.className = "dtg-complaint";
    box.setAttribute("role", "alert");
    box.textContent = text;
    dtg.map.getContainer().appendChild(box);
  };

  /* ---- drawing ---------------------------------------------------------------------- */

  /* Tiles are asked for first: they come while the rest is drawn. */
  dtg.begin = function (layers) {
    layers.forEach(function (layer) { if (layer.style.symbol === "status") { dtg.addParcels(layer); } });
    dtg.beginTiles();
  };

  dtg.beginTiles = function () {
    var state = dtg.state, id = dtg.parcels && dtg.parcels.layer.id;
    if (dtg.ready || !state || !id || state.layers.indexOf(id) < 0) { return; }
    dtg.parcels.day = dtg.dayOf(state.as_of);
    dtg.show(id, true);
    dtg.tilesAre(state.tiles);
  };

  dtg.draw = function (plan, coast) {
    var data = Object.assign({ coast: coast }, plan.features);
    plan.layers.forEach(function (layer) {
      if (layer.style.symbol !== "status") { dtg.addLayer(layer, data[layer.dataset]); }
    });
    dtg.buildSearch();
    dtg.buildCard(plan.layers);
    dtg.buildTime();
    dtg.listenToParcels();
    dtg.map.on("zoomend", dtg.fanOut);
    dtg.map.on("zoomend moveend resize", dtg.placeLabels);
    dtg.ready = true;
    dtg.fanOut();
    if (dtg.state) { dtg.apply(dtg.state, true); }
    dtg.map.getContainer().setAttribute("data-ready", "true");
  };

  dtg.addParcels = function (layer) {
    dtg.parcels = dtg.groups[layer.id] = new dtg.ParcelLayer(layer);
    dtg.layers[layer.id] = layer;
    dtg.on[layer.id] = false;
    layer.classes.forEach(function (kind) {
      if (kind.hatch) { dtg.pattern(layer.id + "-" + kind.value, kind.hatch, kind.fill, 6, 2.4); }
    });
  };

  dtg.pane = function (layer, name, order) {
    name = name || "dtg-" + layer.id;
    var pane = dtg.map.getPane(name) || dtg.map.createPane(name);
    pane.style.zIndex = 400 + (order === undefined ? layer.order : order);
    return pane;
  };

  dtg.addLayer = function (layer, collection) {
    var symbol = layer.style.symbol, outline = layer.style.hit_order !== null;
    var drawn = dtg.shapes(layer, collection, "dtg-" + layer.id, layer.order, {
      interactive: Boolean(layer.tooltip) && !outline,
      style: function (feature) { return dtg.styleOf(layer, feature); },
      onEachFeature: function (feature, shape) { dtg.register(layer, feature, shape); }
    });
    var group = L.layerGroup([drawn]);
    if (outline) {
      // An outline lies above the parcels, but what answers the mouse inside it lies below them.
      group.addLayer(dtg.shapes(layer, collection, "dtg-hit-" + layer.id, layer.style.hit_order, {
        style: function () { return { stroke: false, fill: true, fillOpacity: 0 }; },
        onEachFeature: function (feature, shape) { dtg.listen(feature.properties.id, shape); }
      }));
    }
    // What has no place on the map (district-wide, 未落图) is still found by name.
    collection.features.forEach(function (feature) {
      if (!feature.geometry) { dtg.register(layer, feature, null); }
    });
    dtg.layers[layer.id] = layer;
    dtg.groups[layer.id] = group;
    dtg.drawn[layer.id] = drawn;
    dtg.on[layer.id] = false;
    if (symbol === "hatch") { dtg.pattern(layer.id, layer.style.hatch, layer.style.fill, 7, 1); }
  };

  dtg.shapes = function (layer, collection, name, order, options) {
    var pane = dtg.pane(layer, name, order);
    if (dtg.parcels && order > dtg.parcels.layer.order) { pane.classList.add("dtg-above"); }
    var renderer = L.svg({ pane: name, padding: 0.3 });
    return L.geoJSON(collection, Object.assign({
      pane: name,
      renderer: renderer,
      pointToLayer: function (feature, at) { return dtg.circle(layer, feature, at, renderer); }
    }, options));
  };

  dtg.styleOf = function (layer, feature) {
    var style = layer.style;
    var base = { color: style.stroke, weight: style.weight, dashArray: style.dash || null,
                 fill: true, fillOpacity: 1, lineJoin: "round" };
    var silent = dtg.state && dtg.state.unrecorded.indexOf(feature.properties.id) >= 0;
    if (silent) { base.dashArray = "5 4"; }
    if (style.symbol === "line") { base.fillOpacity = 0; base.fillColor = "#fff"; }
    if (style.symbol === "area") { base.fillColor = style.fill; }
    if (style.symbol === "hatch") { base.fillColor = "url(#dtg-hatch-" + layer.id + ")"; }
    if (style.symbol === "circle") { return dtg.circleStyle(layer, feature); }
    return base;
  };

  dtg.kindOf = function (layer, value) {
    return layer.classes.find(function (kind) { return kind.value === value; });
  };

  /* The step a parcel stands on at the date shown; null = not in the ledger then. */
  dtg.stepOf = function (feature) {
    var steps = feature.properties.steps, at = null;
    var day = dtg.parcels ? dtg.isoOf(dtg.parcels.day) : "9999-12-31";
    for (var i = 0; i < steps.length && steps[i].from <= day; i += 1) { at = steps[i]; }
    return at && at.status ? at : null;
  };

  dtg.register = function (layer, feature, shape) {
    var id = feature.properties.id;
    dtg.features[id] = { feature: feature, shape: shape, layer: layer };
    if (shape && layer.tooltip && layer.style.hit_order === null) { dtg.listen(id, shape); }
  };

  dtg.listen = function (id, shape) {
    var under = dtg.isUnder(dtg.features[id].layer);
    shape.bindTooltip(function () { return dtg.tip(id); }, { sticky: true, direction: "top",
      offset: [0, -8], className: "dtg-tip" + (under ? " dtg-under" : "") });
    shape.on("click", function (event) {
      L.DomEvent.stopPropagation(event);
      dtg.clicked(id, under ? event.latlng : null);
    });
    shape.on("mouseover", function () { dtg.hover(id, true); });
    shape.on("mouseout", function () { dtg.hover(id, false); });
  };

  /* Whether what answers the mouse lies below the parcels, so that they answer first. */
  dtg.isUnder = function (layer) {
    var order = layer.style.hit_order === null ? layer.order : layer.style.hit_order;
    return Boolean(dtg.parcels) && order < dtg.parcels.layer.order;
  };

  dtg.tip = function (id) {
    var entry = dtg.features[id], p = entry.feature.properties, dated = dtg.state && dtg.state.hover[id];
    var under = (dated ? dtg.state.source : "规划数") + " · 范围与点位为示意";
    return dtg.tipBox(p.name, dated || p.hover || "", under);
  };

  dtg.tipBox = function (name, words, under) {
    var box = document.createElement("div");
    [["b", name], ["span", words], ["small", under]].forEach(function (pair) {
      var node = document.createElement(pair[0]);
      node.textContent = pair[1];
      box.appendChild(node);
    });
    return box;
  };

  dtg.statusLabel = function (at, p) {
    var words = dtg.config.status_labels[p.origin][at.status];
    return words + (at.flag ? "（" + at.flag + "）" : "");
  };

  dtg.number = function (value) {
    return value.toLocaleString("zh-CN", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  };

  dtg.hover = function (id, inside) {
    var shape = dtg.features[id].shape;
    if (shape.setStyle && dtg.features[id].layer.style.symbol !== "hatch") {
      var layer = dtg.features[id].layer;
      shape.setStyle({ weight: layer.style.weight + (inside ? 1.2 : 0) });
    }
  };

  /* ---- state ------------------------------------------------------------------------ */

  dtg.update = function (state) {
    var first = !dtg.state;
    var before = dtg.state;
    dtg.state = state;
    if (dtg.ready) { dtg.apply(state, first, before); } else { dtg.beginTiles(); }
  };

  dtg.apply = function (state, first, before) {
    Object.keys(dtg.groups).forEach(function (id) { dtg.show(id, state.layers.indexOf(id) >= 0); });
    dtg.takeParcel(state);
    dtg.timeIs(state);
    dtg.tilesAre(state.tiles);
    if (!before || String(before.unrecorded) !== String(state.unrecorded)) { dtg.recolour(); }
    dtg.mark(state.selected);
    if (dtg.flyTo) { dtg.flying = dtg.flyTo === state.selected; }
    if (state.selected && (first || !before || before.selected !== state.selected)) {
      dtg.bringIntoView(state.selected, first);
    }
    if (dtg.flying) { dtg.flying = false; dtg.flyTo = null; }
    dtg.refreshCard();
    dtg.placeLabels();
    dtg.map.getContainer().setAttribute("data-as-of", state.as_of);
  };

  /* Tiles have no numbers: the selected parcel comes with the state, outline and all. */
  dtg.takeParcel = function (state) {
    if (dtg.taken) { delete dtg.features[dtg.taken]; dtg.taken = null; }
    var feature = state.parcel;
    if (!feature || !dtg.parcels) { return; }
    dtg.taken = feature.properties.id;
    dtg.info.set(feature.properties.tile_id, feature.properties);
    var shape = feature.geometry ? L.geoJSON(feature) : null;
    dtg.features[dtg.taken] = { feature: feature, shape: shape, layer: dtg.parcels.layer };
  };

  dtg.show = function (id, wanted) {
    if (dtg.on[id] === wanted) { return; }
    dtg.on[id] = wanted;
    if (wanted) { dtg.map.addLayer(dtg.groups[id]); } else { dtg.map.removeLayer(dtg.groups[id]); }
  };

  dtg.recolour = function () {
    Object.keys(dtg.groups).forEach(function (id) {
      var layer = dtg.layers[id];
      if (layer.style.symbol !== "line") { return; }
      dtg.drawn[id].setStyle(function (feature) { return dtg.styleOf(layer, feature); });
    });
  };

  /* Outline the selection at once; the figures follow from Python. */
  dtg.mark = function (id) {
    if (dtg.marked) { dtg.map.removeLayer(dtg.marked); dtg.marked = null; }
    var entry = id && dtg.features[id];
    dtg.chosenTile = !entry && id && id[0] === "#" ? Number(id.slice(1)) : null;
    dtg.map.getContainer().setAttribute("data-selected", entry || dtg.chosenTile ? id : "");
    dtg.outline();
    if (!entry || !entry.feature.geometry) { return; }
    if (!dtg.map.getPane("dtg-mark")) {
      var pane = dtg.map.createPane("dtg-mark");
      pane.style.zIndex = 500;
      pane.style.pointerEvents = "none";
      dtg.markRenderer = L.svg({ pane: "dtg-mark" });
    }
    var under = { pane: "dtg-mark", renderer: dtg.markRenderer, interactive: false, fill: false,
                  color: "#FFFFFF", weight: 7, opacity: 0.95 };
    var over = Object.assign({}, under, { color: "#0B3B5C", weight: 3, opacity: 1 });
    if (entry.shape.getLatLng) {
      var ring = { radius: entry.shape.options.radius + 4 };
      dtg.marked = L.layerGroup([under, over].map(function (style) {
        return L.circleMarker(entry.shape.getLatLng(), Object.assign({}, style, ring));
      }));
    } else {
      dtg.marked = L.layerGroup([under, over].map(function (style) {
        return L.geoJSON(entry.feature, { pane: "dtg-mark", interactive: false,
          style: function () { return style; } });
      }));
    }
    dtg.marked.addTo(dtg.map);
    dtg.outline();
  };

  dtg.bringIntoView = function (id, atOnce) {
    var entry = dtg.features[id];
    if (!entry || !entry.shape) { return; }
    var shape = entry.shape, map = dtg.map;
    if (shape.getLatLng) {
      if (!map.getBounds().pad(-0.1).contains(shape.getLatLng())) { map.panTo(shape.getLatLng()); }
      return;
    }
    var bounds = shape.getBounds(), view = map.getBounds();
    var zoom = map.getBoundsZoom(bounds.pad(0.08), false, L.point(dtg.cardRoom()).add(FOOT));
    var wide = entry.layer.style.symbol === "line" || entry.layer.style.symbol === "hatch";
    if (view.contains(bounds) && (zoom - map.getZoom() < 1.5 || (!wide && !dtg.flying && !atOnce))) { return; }
    map.flyToBounds(bounds.pad(wide ? 0.08 : 1.5), { animate: !atOnce, duration: 0.6,
                                                      paddingTopLeft: dtg.cardRoom(), paddingBottomRight: FOOT });
  };

  /* ---- telling Python ----------------------------------------------------------------- */

  dtg.clicked = function (id, latlng) {
    var hit = latlng && dtg.parcelAt(latlng);
    dtg.choose(hit ? "#" + hit.id : id);
  };

  dtg.choose = function (id) {
    dtg.mark(id);
    dtg.tell({ event: "select", id: id });
  };

  /* st_folium would report the outline under a click as well, later, for one more run of the page. */
  dtg.ownValue = function () {
    Object.defineProperty(window.__GLOBAL_DATA__ || {}, "last_active_drawing", {
      enumerable: true, get: function () { return dtg.told || null; }, set: function () {} });
  };

  /* st_folium waits 250 ms before it reports a click; we speak through the same value at once. */
  dtg.tell = function (message) {
    message.n = (dtg.sent = (dtg.sent || Date.now()) + 1);
    var value = { last_active_drawing: message };
    dtg.told = message;
    window.__GLOBAL_DATA__.previous_data = value;
    window.Streamlit.setComponentValue(value);
  };
})();
