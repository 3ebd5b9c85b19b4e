/* Circles of projects, and the hatches that SVG outlines and the legend are filled with. */
(function () {
  "use strict";
  var dtg = window.dtg, NS = "http://www.w3.org/2000/svg";

  dtg.circle = function (layer, feature, at, renderer) {
    return L.circleMarker(at, { pane: "dtg-" + layer.id, renderer: renderer,
                                radius: feature.properties.radius });
  };

  /* Filled where the plan says the place; a dashed ring where it does not, or must not be shown. */
  dtg.circleStyle = function (layer, feature) {
    var p = feature.properties, kind = dtg.kindOf(layer, p.group), stated = p.place_stated;
    return { fill: true, fillColor: stated ? kind.fill : "#FFFFFF", fillOpacity: stated ? 0.88 : 0.6,
             color: stated ? layer.style.stroke : kind.fill, weight: layer.style.weight,
             dashArray: stated ? null : "4 3" };
  };

  dtg.pattern = function (name, ink, paper, step, width) {
    var svg = document.getElementById("dtg-defs");
    if (!svg) {
      svg = document.createElementNS(NS, "svg");
      svg.id = "dtg-defs";
      svg.setAttribute("width", "0");
      svg.setAttribute("height", "0");
      svg.style.position = "absolute";
      document.body.appendChild(svg);
    }
    svg.appendChild(dtg.patternNode("dtg-hatch-" + name, ink, paper, step, width));
  };

  dtg.patternNode = function (id, ink, paper, step, width) {
    var node = document.createElementNS(NS, "pattern");
    var attrs = { id: id, width: step, height: step, patternUnits: "userSpaceOnUse",
                  patternTransform: "rotate(45)" };
    Object.keys(attrs).forEach(function (key) { node.setAttribute(key, attrs[key]); });
    [[step, paper], [width, ink]].forEach(function (pair) {
      var bar = document.createElementNS(NS, "rect");
      bar.setAttribute("width", pair[0]);
      bar.setAttribute("height", step);
      bar.setAttribute("fill", pair[1]);
      node.appendChild(bar);
    });
    return node;
  };

  /* Points that share one place (sensitive ones stand at their zone's label) form a row under it. */
  dtg.fanOut = function () {
    var places = {};
    Object.keys(dtg.features).forEach(function (id) {
      var entry = dtg.features[id];
      if (entry.layer.style.symbol !== "circle" || !entry.shape) { return; }
      var key = entry.feature.geometry.coordinates.join(",");
      (places[key] = places[key] || []).push(entry);
    });
    Object.keys(places).forEach(function (key) {
      if (places[key].length > 1) { dtg.lineUp(places[key]); }
    });
  };

  dtg.lineUp = function (row) {
    var c = row[0].feature.geometry.coordinates, gap = 5, down = 16;
    var centre = dtg.map.latLngToLayerPoint([c[1], c[0]]);
    var width = row.reduce(function (sum, entry) {
      return sum + 2 * entry.shape.options.radius + gap;
    }, -gap);
    var tallest = Math.max.apply(null, row.map(function (entry) { return entry.shape.options.radius; }));
    var x = centre.x - width / 2;
    row.forEach(function (entry) {
      var r = entry.shape.options.radius;
      entry.shape.setLatLng(dtg.map.layerPointToLatLng([x + r, centre.y + down + tallest]));
      x += 2 * r + gap;
    });
  };
})();
