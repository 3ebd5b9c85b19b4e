/* Layers and legend in one card, search, north arrow, credits, keyboard. */
(function () {
  "use strict";
  var dtg = window.dtg, NS = "http://www.w3.org/2000/svg";

  function element(tag, className, text) {
    var node = document.createElement(tag);
    if (className) { node.className = className; }
    if (text !== undefined) { node.textContent = text; }
    return node;
  }

  function corner(position, node) {
    var Control = L.Control.extend({ onAdd: function () {
      L.DomEvent.disableClickPropagation(node);
      L.DomEvent.disableScrollPropagation(node);
      return node;
    } });
    return new Control({ position: position }).addTo(dtg.map);
  }

  dtg.furniture = function () {
    var north = element("div", "dtg-north");
    north.title = "北";
    north.appendChild(element("span", "", "北"));
    north.appendChild(element("i", "", "▲"));
    corner("bottomright", north);
    document.addEventListener("keydown", dtg.key);
    try { window.parent.document.addEventListener("keydown", dtg.key); } catch (e) { /* other origin */ }
  };

  dtg.key = function (event) {
    // A date field's parts are no inputs but editable spans; they are being typed into all the same.
    var typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName || "") ||
      event.target.isContentEditable || event.isComposing;
    if (event.key === "/" && !typing && dtg.searchInput) {
      event.preventDefault();
      window.focus();
      dtg.searchInput.focus();
    }
    // Whatever of the map was clicked last has the focus; a list or a tab keeps its own arrows.
    var loose = event.target.tagName === "BODY" || dtg.map.getContainer().contains(event.target);
    var plain = !typing && loose && !event.altKey && !event.ctrlKey && !event.metaKey && dtg.ready && dtg.state;
    if (plain && ((!event.shiftKey && dtg.timeKey(event)) || dtg.zoomKey(event))) { event.preventDefault(); }
    if (event.key === "Escape" && !typing && dtg.state && dtg.state.selected) { dtg.choose(null); }
  };

  /* ---- legend ------------------------------------------------------------------------- */

  dtg.buildCard = function (layers) {
    var card = element("section", "dtg-card");
    card.setAttribute("aria-label", "图层与图例");
    var head = element("button", "dtg-card-head", "图层与图例");
    head.type = "button";
    head.onclick = function () {
      var closed = card.classList.toggle("dtg-closed");
      head.setAttribute("aria-expanded", String(!closed));
    };
    if (dtg.narrow()) { card.classList.add("dtg-closed"); }
    head.setAttribute("aria-expanded", String(!dtg.narrow()));
    card.appendChild(head);
    var body = element("div", "dtg-card-body");
    ["规划", "台账", "底图"].forEach(function (group) {
      var own = layers.filter(function (layer) { return layer.group === group; }).reverse();
      if (!own.length) { return; }
      body.appendChild(element("h3", "", group));
      own.forEach(function (layer) { body.appendChild(dtg.cardRow(layer)); });
    });
    card.appendChild(body);
    dtg.card = card;
    corner(dtg.narrow() ? "topleft" : "bottomleft", card);
    dtg.buildCredits(layers);
  };

  dtg.buildCredits = function (layers) {
    var words = layers.map(function (layer) { return layer.credit; }).filter(Boolean);
    var foot = element("p", "dtg-credits", Array.from(new Set(words)).join("；"));
    foot.appendChild(element("b", "", dtg.config.standing_line));
    corner("bottomright", foot);
    // Leaflet puts the last control of a bottom corner on top: the credits belong at the foot.
    foot.parentNode.appendChild(foot);
  };

  dtg.cardRow = function (layer) {
    var row = element("div", "dtg-row"), label = element("label", "");
    var box = element("input");
    box.type = "checkbox";
    box.setAttribute("data-layer", layer.id);
    box.onchange = function () { dtg.toggle(layer.id, box.checked); };
    label.appendChild(box);
    label.appendChild(dtg.swatch(layer, null));
    label.appendChild(element("span", "dtg-name", layer.title));
    if (layer.style.symbol === "status") {
      var unit = label.appendChild(element("span", "dtg-figure", "全区，亩"));
      unit.title = "各园区与园区外合计，不随所选的园区变";
    }
    row.appendChild(label);
    (layer.classes || []).forEach(function (kind) { row.appendChild(dtg.classRow(layer, kind)); });
    (layer.legend || []).forEach(function (line) { row.appendChild(element("p", "", line.label)); });
    if (layer.style.symbol === "status") { row.appendChild(dtg.unrecordedRow()); }
    return row;
  };

  dtg.classRow = function (layer, kind) {
    var row = element("div", "dtg-class");
    if (layer.style.symbol === "status") { dtg.filterBy(row, kind); }
    row.appendChild(dtg.swatch(layer, kind));
    row.appendChild(element("span", "dtg-name", kind.label || dtg.config.legend_labels[kind.value]));
    var figure = element("span", "dtg-figure");
    figure.setAttribute("data-status", kind.value);
    row.appendChild(figure);
    return row;
  };

  /* A status is taken off the map and put back by its line in the legend, in the browser alone. */
  dtg.filterBy = function (row, kind) {
    var place = dtg.config.statuses.indexOf(kind.value);
    row.classList.add("dtg-filter");
    row.title = "点击隐藏或显示此类地块";
    var turn = function () {
      var hidden = dtg.parcels.palette.hidden;
      hidden[place] = hidden[place] ? 0 : 1;
      row.setAttribute("aria-pressed", String(!hidden[place]));
      dtg.parcels.paint();
      dtg.placeLabels();
    };
    var attrs = { role: "button", tabindex: "0", "aria-pressed": "true", "data-filter": kind.value };
    Object.keys(attrs).forEach(function (key) { row.setAttribute(key, attrs[key]); });
    row.onclick = turn;
    row.onkeydown = function (event) {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); turn(); }
    };
  };

  dtg.unrecordedRow = function () {
    var row = element("div", "dtg-class"), sample = element("i", "dtg-blank");
    row.appendChild(sample);
    row.appendChild(element("span", "dtg-name", "未填报（园区虚线，无地块）"));
    return row;
  };

  dtg.swatch = function (layer, kind) {
    var svg = document.createElementNS(NS, "svg"), style = layer.style;
    svg.setAttribute("width", "20");
    svg.setAttribute("height", "13");
    svg.setAttribute("aria-hidden", "true");
    if (!kind && (style.symbol === "status" || style.symbol === "circle")) { svg.setAttribute("width", "0"); }
    var round = style.symbol === "circle";
    var node = document.createElementNS(NS, round ? "circle" : "rect");
    var fill = kind ? kind.fill : style.fill || "none";
    if (kind && kind.hatch) { fill = "url(#dtg-hatch-" + layer.id + "-" + kind.value + ")"; }
    if (style.symbol === "hatch") { fill = "url(#dtg-hatch-" + layer.id + ")"; }
    var attrs = round ? { cx: 10, cy: 6.5, r: 5.5 } : { x: 1, y: 1, width: 18, height: 11 };
    attrs.fill = fill;
    attrs.stroke = kind ? (round ? "#FFFFFF" : "#C9C4B8") : style.stroke;
    attrs["stroke-width"] = kind ? 0.8 : Math.min(style.weight, 2);
    if (style.dash && !kind) { attrs["stroke-dasharray"] = "4 3"; }
    Object.keys(attrs).forEach(function (key) { node.setAttribute(key, attrs[key]); });
    svg.appendChild(node);
    return svg;
  };

  dtg.toggle = function (id, wanted) {
    dtg.show(id, wanted);
    dtg.placeLabels();
    var visible = Object.keys(dtg.on).filter(function (key) { return dtg.on[key]; });
    dtg.tell({ event: "layers", layers: visible });
  };

  dtg.refreshCard = function () {
    dtg.card.querySelectorAll("input[data-layer]").forEach(function (box) {
      box.checked = Boolean(dtg.on[box.getAttribute("data-layer")]);
    });
    dtg.card.querySelectorAll("[data-status]").forEach(function (node) {
      var mu = dtg.state.status_mu && dtg.state.status_mu[node.getAttribute("data-status")];
      node.textContent = mu ? dtg.number(mu) : "";
    });
  };

  /* ---- search --------------------------------------------------------------------------- */

  dtg.buildSearch = function () {
    var box = element("div", "dtg-search"), input = element("input"), list = element("ul");
    input.type = "search";
    input.placeholder = "搜索：名称 / 拼音首字母 / 地块号（按 / 键）";
    input.setAttribute("aria-label", "搜索园区、围垦区、项目或地块");
    input.setAttribute("role", "combobox");
    list.setAttribute("role", "listbox");
    box.appendChild(input);
    box.appendChild(list);
    dtg.searchInput = input;
    input.oninput = function () { dtg.search(list, input.value); };
    input.onkeydown = function (event) { dtg.searchKey(event, input, list); };
    input.onblur = function () {
      dtg.leaving = setTimeout(function () { list.replaceChildren(); }, 200);
    };
    // Who comes back at once must not see the new answer wiped by the old leaving.
    input.onfocus = function () { clearTimeout(dtg.leaving); };
    corner("topleft", box);
  };

  /* Places are found here, parcels by Python: their numbers are not in the tiles. */
  dtg.search = function (list, text) {
    var hits = dtg.find(text), asked = text.trim();
    dtg.enterSoon = false;
    dtg.showHits(list, hits);
    clearTimeout(dtg.searching);
    if (!asked) { return; }
    var url = dtg.config.data_url + "/find.json?q=" + encodeURIComponent(asked);
    dtg.searching = setTimeout(function () {
      dtg.fetchJson(url).catch(function () { return []; }).then(function (numbers) {
        if (dtg.searchInput.value.trim() !== asked) { return; }
        var parcels = numbers.map(function (number) {
          return { id: "parcel:" + number, name: number, title: dtg.parcels.layer.title };
        });
        dtg.showHits(list, hits.concat(parcels).slice(0, 8), true);
      });
    }, 120);
  };

  dtg.find = function (text) {
    var asked = text.trim().toLowerCase();
    if (!asked) { return []; }
    var hits = [];
    Object.keys(dtg.features).forEach(function (id) {
      var entry = dtg.features[id], p = entry.feature.properties;
      if (!entry.layer.tooltip || entry.layer.style.symbol === "status") { return; }
      var keys = [p.name].concat(p.keys || []);
      var best = Math.min.apply(null, keys.map(function (key) {
        var at = key.toLowerCase().indexOf(asked);
        return at < 0 ? 1e9 : at + key.length / 1000;
      }));
      if (best < 1e9) { hits.push({ id: id, score: best + (entry.layer.label || {}).priority / 100 }); }
    });
    return hits.sort(function (a, b) { return a.score - b.score; }).slice(0, 8);
  };

  dtg.showHits = function (list, hits, whole) {
    list.replaceChildren();
    if (!hits.length && whole) {
      list.appendChild(element("li", "dtg-none", "没有找到；可试名称、拼音首字母（如 nt）或地块号"));
    }
    hits.forEach(function (hit, i) {
      var entry = dtg.features[hit.id], item = element("li", i ? "" : "dtg-active");
      item.setAttribute("role", "option");
      item.setAttribute("data-id", hit.id);
      item.appendChild(element("b", "", hit.name || entry.feature.properties.name));
      item.appendChild(element("span", "", hit.title || entry.layer.title));
      item.onmousedown = function () { dtg.goTo(hit.id); };
      list.appendChild(item);
    });
    if (dtg.enterSoon && whole) {
      dtg.enterSoon = false;
      if (hits.length) { dtg.goTo(hits[0].id); }
    }
  };

  dtg.searchKey = function (event, input, list) {
    if (event.isComposing) { return; }  // Enter belongs to the pinyin being chosen
    var items = Array.from(list.querySelectorAll("[data-id]"));
    var now = items.findIndex(function (item) { return item.className === "dtg-active"; });
    // Pressed before the parcels have come: what was typed is looked up first.
    if (event.key === "Enter" && !items[now]) { dtg.enterSoon = true; }
    if (event.key === "Enter" && items[now]) { dtg.goTo(items[now].getAttribute("data-id")); }
    if (event.key === "Escape") { input.value = ""; list.replaceChildren(); input.blur(); }
    var step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && items.length) {
      event.preventDefault();
      items[now].className = "";
      items[(now + step + items.length) % items.length].className = "dtg-active";
    }
  };

  dtg.goTo = function (id) {
    dtg.searchInput.value = "";
    dtg.searchInput.blur();
    dtg.flyTo = dtg.features[id] ? null : id;
    dtg.flying = true;
    dtg.bringIntoView(id, false);
    dtg.flying = false;
    dtg.choose(id);
  };
})();
