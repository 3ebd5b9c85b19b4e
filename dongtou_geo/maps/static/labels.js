/* Names on the map: no label over another, the more important one keeps its place. */
(function () {
  "use strict";
  var dtg = window.dtg, GAP = 4;

  dtg.placeLabels = function () {
    var map = dtg.map, zoom = map.getZoom();
    var pane = map.getPane("dtg-labels") || map.createPane("dtg-labels");
    pane.style.zIndex = 600;
    pane.style.pointerEvents = "none";
    var taken = dtg.furnished(), fresh = document.createDocumentFragment();
    dtg.candidates(zoom).forEach(function (item) {
      var box = dtg.freeBox(item, taken);
      if (!box) { return; }
      taken.push(box);
      fresh.appendChild(dtg.labelNode(item, box));
    });
    pane.replaceChildren(fresh);
  };

  /* Where the map's own furniture lies: a name under it could not be read. */
  dtg.furnished = function () {
    var frame = dtg.map.getContainer().getBoundingClientRect();
    var nodes = dtg.map.getContainer().querySelectorAll(".dtg-card, .dtg-search input, .dtg-credits, .dtg-time, .leaflet-bar");
    return Array.from(nodes, function (node) {
      var r = node.getBoundingClientRect();
      var at = dtg.map.containerPointToLayerPoint([r.left - frame.left, r.top - frame.top]);
      return { x: at.x, y: at.y, w: r.width, h: r.height };
    });
  };

  dtg.candidates = function (zoom) {
    var view = dtg.map.getBounds().pad(0.05), items = [];
    Object.keys(dtg.features).forEach(function (id) {
      var entry = dtg.features[id], label = entry.layer.label;
      if (!label || !entry.shape || !dtg.on[entry.layer.id] || zoom < label.min_zoom) { return; }
      if (entry.layer.style.symbol === "status") { return; }
      var at = dtg.anchor(entry);
      if (view.contains(at)) { items.push({ id: id, entry: entry, label: label, at: at }); }
    });
    items = items.concat(dtg.parcelLabels(zoom));
    return items.sort(function (a, b) {
      return a.label.priority - b.label.priority || (a.id < b.id ? -1 : 1);
    });
  };

  /* Numbers of the parcels that are large enough; those not yet known are asked for in one go. */
  dtg.parcelLabels = function (zoom) {
    var layer = dtg.parcels, label = layer && layer.layer.label, unknown = [], found = new Map();
    if (!label || !layer.shown || zoom < label.min_zoom || layer.z === undefined) { return []; }
    layer.wanted.forEach(function (tile) {
      if (!tile.data || tile.data.kind !== "parcels") { return; }
      var data = tile.data, at = layer.place(tile), unit = at.size / 4096;
      for (var i = 0; i < data.n; i += 1) {
        if (data.now[i] > 7 || layer.palette.hidden[data.now[i]]) { continue; }
        // A parcel that lies across tiles comes in parts.
        var b = 4 * i, west = at.x + data.box[b] * unit, north = at.y + data.box[b + 1] * unit;
        var box = found.get(data.ids[i]) || [Infinity, Infinity, -Infinity, -Infinity];
        found.set(data.ids[i], [Math.min(box[0], west), Math.min(box[1], north),
          Math.max(box[2], at.x + data.box[b + 2] * unit), Math.max(box[3], at.y + data.box[b + 3] * unit)]);
      }
    });
    var items = [];
    found.forEach(function (box, id) {
      var size = { w: box[2] - box[0], h: box[3] - box[1] };
      if (size.w < 30 || size.h < 14) { return; }
      var spot = L.point(box[0] + size.w / 2, box[1] + size.h / 2), known = dtg.info.get(id);
      if (!known) { unknown.push(id); return; }
      items.push({ id: known.id, label: label, name: known.name, span: size,
                   at: dtg.map.unproject(spot.add(layer.offset), layer.zoom) });
    });
    if (unknown.length && !dtg.restless()) { dtg.ask(unknown); }
    return items;
  };

  dtg.anchor = function (entry) {
    var spot = entry.feature.properties.label_point;
    if (spot) { return L.latLng(spot[1], spot[0]); }
    if (entry.shape.getLatLng) { return entry.shape.getLatLng(); }
    return entry.shape.getBounds().getCenter();
  };

  dtg.textSize = function (text, label) {
    var pen = dtg.pen || (dtg.pen = document.createElement("canvas").getContext("2d"));
    pen.font = (label.priority < 3 ? "600 " : "") + label.size + "px " + dtg.config.font;
    return { w: pen.measureText(text).width + label.spacing * text.length, h: label.size * 1.3 };
  };

  /* Around a circle; inside an outline that is large enough; else below, above, right, left of it. */
  dtg.shifts = function (entry, size, r) {
    var w = r, h = r, within = [[0, 0], [0, -size.h - 4], [0, size.h + 4]];
    if (!r) {
      var b = entry.shape.getBounds(), map = dtg.map;
      var span = map.latLngToLayerPoint(b.getSouthEast()).subtract(map.latLngToLayerPoint(b.getNorthWest()));
      if (span.x > size.w * 1.15 || entry.feature.properties.label_point) { return within; }
      w = span.x / 2;
      h = span.y / 2;
    }
    var up = size.h / 2 + h + 3, side = size.w / 2 + w + 5;
    return r ? [[side, 0], [-side, 0], [0, -up], [0, up]] : [[0, up], [0, -up], [side, 0], [-side, 0]];
  };

  dtg.freeBox = function (item, taken) {
    var name = item.name || item.entry.feature.properties.short || item.entry.feature.properties.name;
    var size = dtg.textSize(name, item.label), c = dtg.map.latLngToLayerPoint(item.at), shifts;
    if (item.span) {
      // A parcel's number outside its parcel would name the neighbour: inside or not at all.
      shifts = item.span.w > size.w + 6 && item.span.h > size.h + 2 ? [[0, 0]] : [];
    } else {
      var shape = item.entry.shape, r = shape.options && shape.getLatLng ? shape.options.radius : 0;
      shifts = dtg.shifts(item.entry, size, r);
    }
    for (var i = 0; i < shifts.length; i += 1) {
      var x = c.x + shifts[i][0] - size.w / 2, y = c.y + shifts[i][1] - size.h / 2;
      var box = { x: x, y: y, w: size.w, h: size.h, name: name };
      if (!taken.some(function (other) { return dtg.collide(box, other); })) { return box; }
    }
    return null;
  };

  dtg.collide = function (a, b) {
    return a.x < b.x + b.w + GAP && b.x < a.x + a.w + GAP && a.y < b.y + b.h + GAP && b.y < a.y + a.h + GAP;
  };

  dtg.labelNode = function (item, box) {
    var node = document.createElement("div");
    // Small type over dark parcels needs a ground of its own.
    node.className = "dtg-label" + (item.span || item.label.priority < 3 ? "" : " dtg-grounded");
    node.textContent = box.name;
    node.style.cssText = "left:" + box.x + "px;top:" + box.y + "px;font-size:" + item.label.size +
      "px;color:" + item.label.color + ";letter-spacing:" + item.label.spacing + "px;font-weight:" +
      (item.label.priority < 3 ? 600 : 400);
    return node;
  };
})();
